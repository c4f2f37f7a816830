import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type BenchOptions, type Findings, quantile } from './bench.ts';
import { lineChart } from './line-chart.ts';
import { capacity, onStage, putSteadily, type Stage, untilTaken } from './load.ts';
import { descendantsOf, type Vitals, vitalsOf } from './vitals.ts';

type Size = { readonly deliveries: number; readonly warmUp: number };
const FULL: Size = { deliveries: 100_000, warmUp: 6_000 };
const QUICK: Size = { deliveries: 4_000, warmUp: 1_000 };
const ENDPOINTS = 10;
/** Of what the system holds: it keeps up, and nothing gathers in the queues. */
const LOAD = 0.6;
const SAMPLED_EVERY_MS = 1_000;
/** What counts as flat of memory: the last quarter beside the second, in which all that is ever loaded and compiled has been. */
const FLAT_WITHIN = 1.05;
/**
 * And of handles: that none is lost in a thousand deliveries, at rest afterwards beside before. Under load there are as many as there are
 * requests at the moment, and of the connections to the engines those of the busiest moment stay.
 */
const HANDLES_PER_DELIVERY = 1 / 1_000;
/** By then no connection is kept any more, neither to receivers nor to the engines. */
const REST_MS = 10_000;

/** The system's own process, with its queues, and that of its table with the shell that it hangs on. */
type Held = { readonly system: Vitals; readonly table: Vitals };
type Sample = Held & { readonly deliveries: number };
type Found = { readonly samples: readonly Sample[]; readonly atRest: readonly Held[] };

/** What the system holds while it makes a hundred thousand deliveries. */
export const endurance: Bench = {
  what: `${FULL.deliveries.toLocaleString('en')} deliveries, memory and file handles sampled; goal: flat`,
  minutes: { full: 6, quick: 0.5 },
  run: (options) => onStage((stage) => measure(stage, options)),
};

async function measure(stage: Stage, { quick, rate, tell }: BenchOptions): Promise<Findings> {
  const size = quick ? QUICK : FULL;
  const endpoints = await stage.endpoints(ENDPOINTS, `http://127.0.0.1:${stage.receiver.port}`);
  tell(`Warming up: ${size.warmUp} deliveries`);
  const held = await capacity(stage, { endpoints, count: size.warmUp, perRequest: 10 });
  const eventsPerSecond = rate ?? Math.round(held * LOAD);
  tell(`${size.deliveries.toLocaleString('en')} deliveries at ${eventsPerSecond} events a second`);
  const before = stage.receiver.taken().deliveries;
  const atRest = [await vitalsAtRest(stage)];
  const samples: Sample[] = [];
  const sampler = setInterval(() => {
    const sample = { deliveries: stage.receiver.taken().deliveries - before, ...vitals(stage) };
    samples.push(sample);
    if (samples.length % 30 === 0) tell(`${sample.deliveries.toLocaleString('en')} deliveries`);
  }, SAMPLED_EVERY_MS);
  try {
    await putSteadily(stage, { endpoints, count: size.deliveries, eventsPerSecond });
    await untilTaken(stage, before + size.deliveries);
  } finally {
    clearInterval(sampler);
  }
  atRest.push(await vitalsAtRest(stage));
  return findings({ samples, atRest }, size);
}

async function vitalsAtRest(stage: Stage): Promise<Held> {
  await sleep(REST_MS);
  return vitals(stage);
}

function vitals({ system }: Stage): Held {
  const pid = system.pid();
  if (pid === undefined) throw new Error('The system does not run');
  const others = descendantsOf(pid).map(vitalsOf);
  const table = {
    residentMb: others.reduce((sum, { residentMb }) => sum + residentMb, 0),
    fileHandles: others.reduce((sum, { fileHandles }) => sum + fileHandles, 0),
  };
  return { system: vitalsOf(pid), table };
}

const PROCESSES = { system: 'functions and queues', table: 'the table' } as const;
const HELD = { residentMb: 'memory, MB', fileHandles: 'file handles' } as const;
type ProcessName = keyof typeof PROCESSES;
type HeldName = keyof typeof HELD;

function findings({ samples, atRest }: Found, { deliveries }: Size): Findings {
  const combinations = (Object.keys(HELD) as HeldName[]).flatMap((held) =>
    (Object.keys(PROCESSES) as ProcessName[]).map((name) => ({
      title: `${PROCESSES[name]}: ${HELD[held]}`,
      quarters: quartersOf(samples.map((sample) => sample[name][held])),
      rests: atRest.map((sample) => sample[name][held]),
      isMemory: held === 'residentMb',
    })),
  );
  const growths = combinations.map(
    ({ title, quarters: [, second, , last], rests: [before = 0, after = 0], isMemory }) =>
      isMemory
        ? {
            title,
            growth: `${(last / second).toFixed(2)} times, ${perDelivery(last - second, deliveries)} KB a delivery`,
            isFlat: last / second <= FLAT_WITHIN,
          }
        : { title, growth: `${after - before} more`, isFlat: after - before <= deliveries * HANDLES_PER_DELIVERY },
  );
  const grown = growths.filter(({ isFlat }) => !isFlat);
  const shown = deliveries.toLocaleString('en');
  const chart = (held: HeldName) => chartOf(samples, held);
  return {
    tables: [
      {
        title: `${shown} deliveries, medians of each quarter`,
        rows: [
          ['what', 'first', 'second', 'third', 'last', 'at rest before', 'at rest after', 'growth'],
          ...combinations.map(({ title, quarters, rests }, index) => [
            title,
            ...[...quarters, ...rests].map((value) => value.toFixed(0)),
            growths[index]?.growth ?? '',
          ]),
        ],
      },
    ],
    charts: { 'endurance-memory': chart('residentMb'), 'endurance-handles': chart('fileHandles') },
    results: {},
    verdict:
      grown.length === 0
        ? `All of it is flat: memory within ${FLAT_WITHIN} times, the last quarter beside the second, and at rest not a handle more for each thousand deliveries.`
        : `Not flat: ${grown.map(({ title, growth }) => `${title} (${growth})`).join('; ')}.`,
  };
}

/** In KB, of what is between the second quarter's middle and the last one's. */
function perDelivery(grownMb: number, deliveries: number): string {
  return ((grownMb * 1024) / (deliveries / 2)).toFixed(2);
}

function quartersOf(values: readonly number[]): readonly [number, number, number, number] {
  const median = (quarter: number) => {
    const [from, to] = [quarter, quarter + 1].map((nth) => Math.floor((nth * values.length) / 4));
    return quantile(values.slice(from, to), 0.5);
  };
  return [median(0), median(1), median(2), median(3)];
}

function chartOf(samples: readonly Sample[], held: HeldName): string {
  return lineChart({
    title: `While deliveries are made: ${HELD[held]}`,
    x: 'deliveries',
    y: held === 'residentMb' ? 'MB' : 'handles',
    scale: 'linear',
    lines: (Object.keys(PROCESSES) as ProcessName[]).map((name) => ({
      label: PROCESSES[name],
      points: samples.map((sample) => ({ x: sample.deliveries, y: sample[name][held] })),
    })),
  });
}
