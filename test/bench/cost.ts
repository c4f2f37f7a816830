import type { Bench, Findings } from './bench.ts';
import { barChart } from './chart.ts';
import { billOf, totalOf, type Usage } from './cost/bill.ts';
import { costOfScenes, SCENES, type SceneCost, type SceneName } from './cost/scenes.ts';

export type Costs = Readonly<Record<SceneName, SceneCost>>;

const USD_GOAL = 3.5;
const MILLION = 1_000_000;
const NAMES = Object.keys(SCENES) as SceneName[];
/** What of the bill is nothing but the template's choice to have backups: the cost model of the design leaves it out. */
const BACKUPS = 'DynamoDB: backups';

/** What AWS would bill for a delivery, counted on the wire: the same in every run. */
export const cost: Bench = {
  what: `what AWS would bill for a delivery of 2 KB, counted on the wire; goal: USD ${USD_GOAL.toFixed(2)} for a million`,
  minutes: { full: 1, quick: 1 },
  run: async ({ tell }) => costFindings(await costOfScenes(tell)),
};

/** USD for a million deliveries, to the thousandth: what chance does to the bytes of an item is less, and must not turn a digit that is shown. */
function usdOf({ perDelivery }: SceneCost): number {
  return Number((totalOf(perDelivery) * MILLION).toFixed(3));
}

/** What the counts come to. */
export function costFindings(costs: Costs): Findings {
  const { steady, together } = costs;
  const [usd, usdTogether] = [usdOf(steady), usdOf(together)];
  const withoutBackups = usd - (billOf(steady.perDelivery)[BACKUPS] ?? 0) * MILLION;
  return {
    tables: [
      {
        title: 'What a delivery is billed for',
        rows: [['per delivery', ...NAMES.map((name) => SCENES[name])], ...unitRows(costs)],
      },
      { title: 'USD for a million deliveries', rows: [['', ...NAMES.map((name) => SCENES[name])], ...usdRows(costs)] },
    ],
    verdict: `A million deliveries in full batches cost USD ${usd.toFixed(2)}, or ${withoutBackups.toFixed(2)} without the table's backups, where each event is an entry of the bus, and ${usdTogether.toFixed(2)} where ten are one; the goal is ${USD_GOAL.toFixed(2)}.`,
    results: {
      usdPerMillion: usd,
      usdPerMillionTogether: usdTogether,
      callsPerDelivery: callsOf(steady),
    },
    charts: { 'cost-per-million': chartOf(costs) },
  };
}

const UNITS: readonly (readonly [keyof Usage, string])[] = [
  ['busEvents', 'EventBridge: events'],
  ['sqsRequests', 'SQS: requests'],
  ['sqsFairRequests', 'SQS: of them to message groups'],
  ['wru', 'DynamoDB: write request units'],
  ['rru', 'DynamoDB: read request units'],
  ['storedByteMonths', 'DynamoDB: bytes kept for a month'],
  ['kmsCalls', 'KMS: calls'],
  ['invocations', 'Lambda: invocations'],
  ['gbSeconds', 'Lambda: GB-seconds'],
  ['sentBytes', 'Bytes to the internet'],
  ['logBytes', 'Bytes of the log'],
];

function unitRows(costs: Costs): string[][] {
  const counted = UNITS.map(([unit, title]) => [title, ...NAMES.map((name) => number(costs[name].perDelivery[unit]))]);
  return [...counted, ['calls of AWS, but for `PutEvents`', ...NAMES.map((name) => number(callsOf(costs[name])))]];
}

function usdRows(costs: Costs): string[][] {
  const bills = NAMES.map((name) => billOf(costs[name].perDelivery));
  const parts = Object.keys(bills[0] ?? {});
  const rows = parts.map((part) => [part, ...bills.map((bill) => ((bill[part] ?? 0) * MILLION).toFixed(3))]);
  const totals = NAMES.map((name) => usdOf(costs[name]));
  return [...rows, ['**in all**', ...totals.map((total) => `**${total.toFixed(2)}**`)]];
}

/** Those of the functions and of Lambda for them: putting events on the bus is the CI's. */
function callsOf({ callsPerDelivery: { PutEvents: _, ...calls } }: SceneCost): number {
  return Number(
    Object.values(calls)
      .reduce((sum, count) => sum + count, 0)
      .toFixed(3),
  );
}

function chartOf({ steady, together }: Costs): string {
  const bill = Object.entries(billOf(steady.perDelivery)).filter(([, usd]) => usd > 0);
  const bars = bill.map(([label, usd]) => ({ label, values: [usd * MILLION] }));
  return barChart({
    title: 'USD for a million deliveries, in full batches',
    unit: 'USD',
    parts: ['USD'],
    bars: [
      ...bars,
      { label: 'in all', values: [usdOf(steady)] },
      { label: 'ten events in an entry', values: [usdOf(together)] },
    ],
    goal: USD_GOAL,
  });
}

function number(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return Number(value.toFixed(4)).toString();
}
