import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type BenchOptions, type Findings, quantile } from './bench.ts';
import {
  type Endpoint,
  halfOfWhatItHolds,
  latenciesMs,
  onStage,
  putSteadily,
  type Sent,
  type Stage,
  untilTaken,
} from './load.ts';

const GOAL_MS = { p50: 30, p99: 150 };

type Size = { readonly warmUp: number; readonly count: number; readonly idle: number; readonly loadSeconds: number };
const FULL: Size = { warmUp: 6_000, count: 2_000, idle: 500, loadSeconds: 30 };
const QUICK: Size = { warmUp: 1_000, count: 500, idle: 50, loadSeconds: 5 };
/** Between two events of an idle system. */
const PAUSE_MS = 50;

/** How long it takes from the acceptance of an event to its first request. */
export const latency: Bench = {
  what: `from an event's acceptance to its receiver; goals when idle: a p50 of ${GOAL_MS.p50} ms, a p99 of ${GOAL_MS.p99} ms`,
  minutes: { full: 2, quick: 0.5 },
  run: (options) => onStage((stage) => measure(stage, options)),
};

async function measure(stage: Stage, { quick, rate, tell }: BenchOptions): Promise<Findings> {
  const size = quick ? QUICK : FULL;
  const endpoints = await stage.endpoints(1, `http://127.0.0.1:${stage.receiver.port}`);
  tell(`Warming up: ${size.warmUp} deliveries, and ${size.count} to see what it holds`);
  const half = await halfOfWhatItHolds(stage, { endpoints, ...size });
  tell(`Idle: ${size.idle} events, one after the other`);
  const idle = await oneByOne(stage, endpoints, size.idle);
  const eventsPerSecond = rate ?? half;
  tell(`Half of what it holds: ${eventsPerSecond} events a second for ${size.loadSeconds} s`);
  const before = stage.receiver.taken().deliveries;
  const count = eventsPerSecond * size.loadSeconds;
  const loaded = await putSteadily(stage, { endpoints, count, eventsPerSecond });
  await untilTaken(stage, before + count);
  const [idleMs = [], loadedMs = []] = await latenciesMs(stage, [idle, loaded]);
  return findings({ idleMs, loadedMs, eventsPerSecond });
}

/** Events so far apart that each finds the system at rest. */
async function oneByOne(stage: Stage, endpoints: readonly Endpoint[], count: number): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const before = stage.receiver.taken().deliveries;
  while (sent.length < count) {
    sent.push(...(await putSteadily(stage, { endpoints, count: 1, eventsPerSecond: 1_000 })));
    await sleep(PAUSE_MS);
  }
  await untilTaken(stage, before + count);
  return sent;
}

type Measured = {
  readonly idleMs: readonly number[];
  readonly loadedMs: readonly number[];
  readonly eventsPerSecond: number;
};

function findings({ idleMs, loadedMs, eventsPerSecond }: Measured): Findings {
  const row = (name: string, ms: readonly number[]) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => quantile(ms, share).toFixed(0)),
    Math.max(...ms).toFixed(0),
  ];
  const [p50, p99] = [quantile(idleMs, 0.5), quantile(idleMs, 0.99)];
  return {
    tables: [
      {
        title: 'From the acceptance of an event to its first request, in ms',
        rows: [
          ['load', 'p50', 'p95', 'p99', 'longest'],
          row('idle', idleMs),
          row(`${eventsPerSecond} events a second, half of what it holds`, loadedMs),
        ],
      },
    ],
    results: { latencyMs: { p50, p99 } },
    verdict: `Idle, half of the events arrive within ${p50} ms and 99 % within ${p99} ms; the goals are ${GOAL_MS.p50} and ${GOAL_MS.p99} ms.`,
  };
}
