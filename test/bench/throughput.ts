import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLedgerKeeper } from '../support/ledger.ts';
import { type Bench, type BenchOptions, type Findings, quantile } from './bench.ts';
import { barChart } from './chart.ts';
import { capacity, onStage, type Stage } from './load.ts';
import { inProcess, type Pace } from './throughput/child.ts';
import { DISK_GOAL, type Kind, MEMORY_GOAL, SYSTEMS } from './throughput/systems.ts';
import { cpuMsOf, descendantsOf } from './vitals.ts';

const CPU_RATIO_GOAL = 4;

type Size = {
  readonly pairs: number;
  readonly bare: number;
  readonly handler: number;
  /** Deliveries before it counts: Node compiles what is called often, and goes on to for long. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly perRound: number;
};
const FULL: Size = { pairs: 5, bare: 30_000, handler: 6_000, warmUp: 8_000, rounds: 5, perRound: 6_000 };
const QUICK: Size = { pairs: 1, bare: 5_000, handler: 1_000, warmUp: 1_000, rounds: 1, perRound: 2_000 };

/** How many deliveries a second, and what the `deliver` handler takes of a processor beside a loop that does nothing but sign and send. */
export const throughput: Bench = {
  what: `deliveries a second of the whole system, of the handler alone and of a bare loop; goals: ${DISK_GOAL} on disk, ${MEMORY_GOAL} in memory, a handler within ${CPU_RATIO_GOAL} times the loop's CPU`,
  minutes: { full: 9, quick: 1 },
  run: measure,
};

async function measure({ quick, tell }: BenchOptions): Promise<Findings> {
  const size = quick ? QUICK : FULL;
  const folder = mkdtempSync(join(tmpdir(), 'djinn-throughput-'));
  const receiver = await startLedgerKeeper({ ledger: join(folder, 'ledger.jsonl'), failingShare: 0, answerMs: 0 });
  const loop = loopTo(`http://127.0.0.1:${receiver.port}`, size);
  try {
    const pairs: Pair[] = [];
    while (pairs.length < size.pairs) {
      tell(`The bare loop and the handler: pair ${pairs.length + 1} of ${size.pairs}`);
      pairs.push({ bare: await loop.bare(), handler: await loop.handler() });
    }
    const measured: System[] = [];
    for (const system of SYSTEMS) {
      tell(system.name);
      measured.push({ ...system, ...(await pace(system, size, loop)) });
    }
    return findings(pairs, measured);
  } finally {
    receiver.stop();
    rmSync(folder, { recursive: true });
  }
}

type Pair = { readonly bare: Pace; readonly handler: Pace };

/** The loop and the handler, each in a process of its own, with the same receiver. */
function loopTo(url: string, { bare, handler }: Size) {
  return {
    bare: () => inProcess('bare-loop', { url, count: bare, atOnce: AT_ONCE }),
    handler: () => inProcess('handler', { url, count: handler, atOnce: AT_ONCE }),
  };
}

/** Five batches of ten, as the pollers of a queue begin with. */
const AT_ONCE = 50;

type System = Kind & { readonly perSecond: number; readonly bareRatios: readonly number[]; readonly cpuMs: CpuMs };

/** What a delivery takes of a processor, in ms, by whose process it is. */
type CpuMs = Readonly<Record<keyof typeof PROCESSES, number>>;
const PROCESSES = {
  system: 'the functions and the queues',
  table: 'the table',
  producer: 'what puts the events',
  receiver: 'the receiver',
} as const;

type Round = { readonly perSecond: number; readonly bareRatio: number; readonly cpuMs: CpuMs };

/** Rounds of deliveries, and before each of them the bare loop: this machine is not the same from minute to minute. */
async function pace(
  { program, namespaces, perEntry }: Kind,
  { warmUp, rounds, perRound }: Size,
  loop: ReturnType<typeof loopTo>,
): Promise<Omit<System, keyof Kind>> {
  return onStage(async (stage) => {
    const endpoints = await stage.endpoints(namespaces, `http://127.0.0.1:${stage.receiver.port}`);
    await capacity(stage, { endpoints, count: warmUp, perRequest: 10, perEntry });
    const found: Round[] = [];
    while (found.length < rounds) {
      const bare = await loop.bare();
      const before = cpuMs(stage);
      const perSecond = await capacity(stage, { endpoints, count: perRound, perRequest: 10, perEntry });
      found.push({ perSecond, bareRatio: bare.perSecond / perSecond, cpuMs: less(cpuMs(stage), before, perRound) });
    }
    const median = (of: (round: Round) => number) => quantile(found.map(of), 0.5);
    const cpu = (name: keyof CpuMs) => median((round) => round.cpuMs[name]);
    return {
      perSecond: median(({ perSecond }) => perSecond),
      bareRatios: found.map(({ bareRatio }) => bareRatio),
      cpuMs: { system: cpu('system'), table: cpu('table'), producer: cpu('producer'), receiver: cpu('receiver') },
    };
  }, program);
}

/** What has been spent since then, of one delivery. */
function less(now: CpuMs, before: CpuMs, deliveries: number): CpuMs {
  const of = (name: keyof CpuMs) => (now[name] - before[name]) / deliveries;
  return { system: of('system'), table: of('table'), producer: of('producer'), receiver: of('receiver') };
}

function cpuMs({ system }: Stage): CpuMs {
  const pid = system.pid();
  if (pid === undefined) throw new Error('The system does not run');
  const table = descendantsOf(pid);
  const receiver = descendantsOf(process.pid).filter((one) => one !== pid && !table.includes(one));
  const sum = (pids: readonly number[]) => pids.reduce((all, one) => all + cpuMsOf(one), 0);
  return { system: cpuMsOf(pid), table: sum(table), producer: cpuMsOf(process.pid), receiver: sum(receiver) };
}

function cpuRows(systems: readonly System[]): string[][] {
  const names = Object.keys(PROCESSES) as (keyof CpuMs)[];
  const rows = systems.map(({ name, cpuMs }) => {
    const all = names.map((one) => cpuMs[one]);
    return [name, ...all, all.reduce((sum, one) => sum + one, 0)];
  });
  const written = rows.map(([name, ...numbers]) => [`${name}`, ...numbers.map((one) => Number(one).toFixed(2))]);
  return [['what', ...names.map((one) => PROCESSES[one]), 'in all'], ...written];
}

type Row = Pick<System, 'name' | 'perSecond' | 'goal' | 'bareRatios'>;

function paceRow({ name, perSecond, bareRatios, goal }: Row): string[] {
  const ratio = bareRatios.length === 0 ? 1 : quantile(bareRatios, 0.5);
  const each = bareRatios.map((one) => one.toFixed(1)).join(', ');
  return [name, perSecond.toFixed(0), ratio.toFixed(1), each, goal?.toString() ?? ''];
}

function findings(pairs: readonly Pair[], systems: readonly System[]): Findings {
  const median = (of: (pair: Pair) => number) => quantile(pairs.map(of), 0.5);
  const bare = median((pair) => pair.bare.perSecond);
  const ratio = median(({ bare, handler }) => handler.cpuMsPerDelivery / bare.cpuMsPerDelivery);
  const handler: Row = {
    name: 'the deliver handler alone',
    perSecond: median((pair) => pair.handler.perSecond),
    bareRatios: pairs.map((pair) => pair.bare.perSecond / pair.handler.perSecond),
  };
  const rows = [...systems, handler, { name: 'a bare loop', perSecond: bare, bareRatios: [] }].map(paceRow);
  const each = pairs.map((pair) => (pair.handler.cpuMsPerDelivery / pair.bare.cpuMsPerDelivery).toFixed(1)).join(', ');
  return {
    tables: [
      {
        title: 'Deliveries a second',
        rows: [['what', 'a second', 'the bare loop just before has so many times as many', 'pairs', 'goal'], ...rows],
      },
      { title: 'What a delivery takes of a processor, in ms', rows: cpuRows(systems) },
    ],
    results: {
      ...Object.fromEntries(
        systems.flatMap(({ result, perSecond }) => (result ? [[result, Math.round(perSecond)]] : [])),
      ),
      bareLoopPerSecond: Math.round(bare),
      handlerCpuRatio: Number(ratio.toFixed(1)),
    },
    verdict: `The handler takes ${ratio.toFixed(1)} times the processor time of the bare loop for a delivery (pairs: ${each}): ${median((pair) => pair.handler.cpuMsPerDelivery).toFixed(2)} and ${median((pair) => pair.bare.cpuMsPerDelivery).toFixed(3)} ms. The goal is ${CPU_RATIO_GOAL}.`,
    charts: {
      throughput: chartOf(
        systems.filter(({ program }) => program === undefined),
        'on disk',
      ),
      'throughput-in-memory': chartOf(
        systems.filter(({ program }) => program !== undefined),
        'in memory',
      ),
    },
  };
}

function chartOf(systems: readonly System[], where: string): string {
  return barChart({
    title: `Deliveries a second, whole system ${where}`,
    unit: 'a second',
    parts: ['deliveries'],
    bars: systems.map(({ name, perSecond }) => ({
      label: name.replace(`the whole system ${where}, `, ''),
      values: [perSecond],
    })),
    goal: systems[0]?.goal,
  });
}
