import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLedgerKeeper } from '../support/ledger.ts';
import type { Program } from '../support/whole-system.ts';
import { type Bench, type BenchOptions, type Findings, quantile } from './bench.ts';
import { barChart } from './chart.ts';
import { capacity, onStage, type Stage } from './load.ts';
import { inProcess, type Pace } from './throughput/child.ts';
import { cpuMsOf, descendantsOf } from './vitals.ts';

const DISK_GOAL = 1_000;
const MEMORY_GOAL = 1_500;
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
const FULL: Size = { pairs: 5, bare: 30_000, handler: 6_000, warmUp: 8_000, rounds: 3, perRound: 8_000 };
const QUICK: Size = { pairs: 1, bare: 5_000, handler: 1_000, warmUp: 1_000, rounds: 1, perRound: 2_000 };

/** How many deliveries a second, and what the `deliver` handler takes of a processor beside a loop that does nothing but sign and send. */
export const throughput: Bench = {
  what: `deliveries a second of the whole system, of the handler alone and of a bare loop; goals: ${DISK_GOAL} on disk, ${MEMORY_GOAL} in memory, a handler within ${CPU_RATIO_GOAL} times the loop's CPU`,
  minutes: { full: 5, quick: 1 },
  run: measure,
};

type Pair = { readonly bare: Pace; readonly handler: Pace };

async function measure({ quick, tell }: BenchOptions): Promise<Findings> {
  const size = quick ? QUICK : FULL;
  const pairs = await pairsOf(size, tell);
  const measured: System[] = [];
  for (const system of SYSTEMS) {
    tell(system.name);
    measured.push({ ...system, ...(await pace(system, size)) });
  }
  return findings(pairs, measured);
}

/** The loop and the handler in turns, each in a process of its own, with the same receiver. */
async function pairsOf(size: Size, tell: BenchOptions['tell']): Promise<readonly Pair[]> {
  const folder = mkdtempSync(join(tmpdir(), 'djinn-throughput-'));
  const receiver = await startLedgerKeeper({ ledger: join(folder, 'ledger.jsonl'), failingShare: 0, answerMs: 0 });
  const url = `http://127.0.0.1:${receiver.port}`;
  try {
    const pairs: Pair[] = [];
    while (pairs.length < size.pairs) {
      tell(`The bare loop and the handler: pair ${pairs.length + 1} of ${size.pairs}`);
      const bare = await inProcess('bare-loop', { url, count: size.bare, atOnce: AT_ONCE });
      pairs.push({ bare, handler: await inProcess('handler', { url, count: size.handler, atOnce: AT_ONCE }) });
    }
    return pairs;
  } finally {
    receiver.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Five batches of ten, as the pollers of a queue begin with. */
const AT_ONCE = 50;

type Kind = { readonly name: string; readonly program?: Program; readonly namespaces: number; readonly goal?: number };
type System = Kind & { readonly perSecond: number; readonly cpuMs: CpuMs };

/** What a delivery takes of a processor, in ms, by whose process it is. */
type CpuMs = Readonly<Record<keyof typeof PROCESSES, number>>;
const PROCESSES = {
  system: 'the functions and the queues',
  table: 'the table',
  producer: 'what puts the events',
  receiver: 'the receiver',
} as const;

const IN_MEMORY: Program = 'test/support/system-in-memory.ts';
const SYSTEMS: readonly Kind[] = [
  { name: 'the whole system on disk, one namespace', namespaces: 1, goal: DISK_GOAL },
  { name: 'the whole system on disk, each event of another namespace', namespaces: 10 },
  { name: 'the whole system in memory, one namespace', program: IN_MEMORY, namespaces: 1, goal: MEMORY_GOAL },
];

async function pace(
  { program, namespaces }: Kind,
  { warmUp, rounds, perRound }: Size,
): Promise<Pick<System, 'perSecond' | 'cpuMs'>> {
  return onStage(async (stage) => {
    const endpoints = await stage.endpoints(namespaces, `http://127.0.0.1:${stage.receiver.port}`);
    await capacity(stage, { endpoints, count: warmUp, perRequest: 10 });
    const found: number[] = [];
    const before = cpuMs(stage);
    while (found.length < rounds) found.push(await capacity(stage, { endpoints, count: perRound, perRequest: 10 }));
    const after = cpuMs(stage);
    const perDelivery = (name: keyof CpuMs) => (after[name] - before[name]) / (rounds * perRound);
    return {
      perSecond: quantile(found, 0.5),
      cpuMs: {
        system: perDelivery('system'),
        table: perDelivery('table'),
        producer: perDelivery('producer'),
        receiver: perDelivery('receiver'),
      },
    };
  }, program);
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

function findings(pairs: readonly Pair[], systems: readonly System[]): Findings {
  const median = (of: (pair: Pair) => number) => quantile(pairs.map(of), 0.5);
  const bare = median((pair) => pair.bare.perSecond);
  const ratio = median(({ bare, handler }) => handler.cpuMsPerDelivery / bare.cpuMsPerDelivery);
  const bars = [
    ...systems.map(({ name, perSecond }) => ({ label: name, value: perSecond })),
    { label: 'the deliver handler alone', value: median((pair) => pair.handler.perSecond) },
    { label: 'a bare loop', value: bare },
  ];
  const rows = bars.map(({ label, value }) => [
    label,
    value.toFixed(0),
    (bare / value).toFixed(1),
    systems.find(({ name }) => name === label)?.goal?.toString() ?? '',
  ]);
  const [onDisk] = systems;
  const each = pairs.map((pair) => (pair.handler.cpuMsPerDelivery / pair.bare.cpuMsPerDelivery).toFixed(1)).join(', ');
  return {
    tables: [
      {
        title: 'Deliveries a second',
        rows: [['what', 'a second', 'the bare loop has so many times as many', 'goal'], ...rows],
      },
      { title: 'What a delivery takes of a processor, in ms', rows: cpuRows(systems) },
    ],
    results: {
      deliveriesPerSecond: Math.round(onDisk?.perSecond ?? Number.NaN),
      bareLoopPerSecond: Math.round(bare),
      handlerCpuRatio: Number(ratio.toFixed(1)),
    },
    verdict: `The handler takes ${ratio.toFixed(1)} times the processor time of the bare loop for a delivery (pairs: ${each}): ${median((pair) => pair.handler.cpuMsPerDelivery).toFixed(2)} and ${median((pair) => pair.bare.cpuMsPerDelivery).toFixed(3)} ms. The goal is ${CPU_RATIO_GOAL}.`,
    charts: {
      throughput: barChart({
        title: 'Deliveries a second, whole system',
        unit: 'a second',
        parts: ['deliveries'],
        bars: systems.map(({ name, perSecond }) => ({
          label: name.replace('the whole system ', ''),
          values: [perSecond],
        })),
        goal: DISK_GOAL,
      }),
    },
  };
}
