import { until } from '../support/until.ts';
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

const HEALTHY = 50;
const RATIO_GOAL = 1.2;
/** As long as the queues may take to be empty after a phase: the hanging attempts are to end first. */
const CALM_WITHIN_MS = 120_000;

/** Phases are longer than an attempt that hangs, so that as many hang as ever will. */
type Size = {
  readonly pairs: number;
  readonly phaseSeconds: number;
  readonly warmUp: number;
  readonly count: number;
};
const FULL: Size = { pairs: 11, phaseSeconds: 25, warmUp: 6_000, count: 2_000 };
const QUICK: Size = { pairs: 1, phaseSeconds: 20, warmUp: 500, count: 500 };

/** A phase's events to healthy endpoints; whether one that hangs was there, too. */
type Phase = { readonly isSick: boolean; readonly sent: readonly Sent[] };

/** How long healthy receivers wait for their events, without and with one more endpoint that accepts connections and never answers. */
export const fairness: Bench = {
  what: `healthy receivers' latency beside one that hangs; goal: a p95 within ${RATIO_GOAL} of that without it`,
  minutes: { full: 13, quick: 2 },
  run: (options) => onStage((stage) => measure(stage, options)),
};

async function measure(stage: Stage, { quick, rate, tell }: BenchOptions): Promise<Findings> {
  const size = quick ? QUICK : FULL;
  tell(`Making ${HEALTHY} endpoints`);
  const healthy = await stage.endpoints(HEALTHY, `http://127.0.0.1:${stage.receiver.port}`);
  tell(`Warming up: ${size.warmUp} deliveries, and ${size.count} to see what it holds`);
  const half = await halfOfWhatItHolds(stage, { endpoints: healthy, ...size });
  const eventsPerSecond = rate ?? half;
  tell(`The load is ${eventsPerSecond} events a second`);
  const phases: Phase[] = [];
  for (let pair = 1; pair <= size.pairs; pair++) {
    // Each comes first in every other pair, so that neither gains from what a phase leaves behind.
    for (const isSick of pair % 2 === 0 ? [true, false] : [false, true]) {
      tell(`Pair ${pair} of ${size.pairs}: ${isSick ? 'with' : 'without'} the one that hangs`);
      phases.push(
        await phase(stage, healthy, { isSick, events: size.phaseSeconds * eventsPerSecond, eventsPerSecond }),
      );
    }
  }
  const ms = await latenciesMs(
    stage,
    phases.map(({ sent }) => sent),
  );
  return findings(
    phases.map(({ isSick }, index) => ({ isSick, ms: ms[index] ?? [] })),
    eventsPerSecond,
  );
}

async function phase(
  stage: Stage,
  healthy: readonly Endpoint[],
  of: { readonly isSick: boolean; readonly events: number; readonly eventsPerSecond: number },
): Promise<Phase> {
  const before = stage.receiver.taken().deliveries;
  const sick = of.isSick ? await stage.endpoints(1, `http://127.0.0.1:${stage.receiver.hangingPort}`) : [];
  const endpoints = [...healthy, ...sick];
  const all = await putSteadily(stage, { endpoints, count: of.events, eventsPerSecond: of.eventsPerSecond });
  const sent = all.filter(({ endpoint }) => !sick.includes(endpoint));
  await untilTaken(stage, before + sent.length);
  // Deleted, so that its retries are cancelled and the next phase is without it.
  for (const endpoint of sick) await endpoint.remove();
  await until('nothing is under way', async () => (await stage.system.messagesLeft()) === 0, CALM_WITHIN_MS);
  return { isSick: of.isSick, sent };
}

type Latencies = { readonly isSick: boolean; readonly ms: readonly number[] };

function findings(phases: readonly Latencies[], eventsPerSecond: number): Findings {
  const rows = phases.map(({ isSick, ms }, index) => [
    `${Math.floor(index / 2) + 1}`,
    isSick ? `${HEALTHY} healthy, 1 that hangs` : `${HEALTHY} healthy`,
    ...[0.5, 0.95, 0.99].map((share) => quantile(ms, share).toFixed(0)),
  ]);
  const p95s = (ofSick: boolean) =>
    phases.filter(({ isSick }) => isSick === ofSick).map(({ ms }) => quantile(ms, 0.95));
  const without = p95s(false);
  const ratios = p95s(true).map((p95, pair) => p95 / (without[pair] ?? Number.NaN));
  const ratio = quantile(ratios, 0.5);
  const each = ratios.map((one) => one.toFixed(2)).join(', ');
  const [least, most] = [Math.min(...without), Math.max(...without)];
  return {
    tables: [
      {
        title: 'Latency, from the acceptance of an event to its first request',
        rows: [['PAIR', `AT ${eventsPerSecond} EVENTS/S`, 'P50 MS', 'P95 MS', 'P99 MS'], ...rows],
      },
    ],
    results: { fairnessRatio: Number(ratio.toFixed(2)) },
    verdict: `The p95 of the healthy ones is ${ratio.toFixed(2)} times that without it, by the median (pairs: ${each}); the goal is ${RATIO_GOAL} at most. Without it, it is ${least.toFixed(0)} to ${most.toFixed(0)} ms: so much are the times of this machine's own.`,
  };
}
