import { type Deployment, deploy } from '../../support/deployment.ts';
import { quantile } from '../bench.ts';
import { type Meter, meter } from '../cost/meter.ts';

/** Something that is done the same way however large the system is. */
export type Probe = {
  readonly name: string;
  /** What is to be there before it can be done; not measured. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<unknown>;
};

/** One way for a system to grow. */
export type Dimension = {
  readonly title: string;
  /** What is counted, such as `webhooks`. */
  readonly unit: string;
  readonly sizes: { readonly full: readonly number[]; readonly quick: readonly number[] };
  /** Grows a deployment to a size, which is larger than the last one, and answers what may be done there. */
  readonly grower: (deployment: Deployment) => Promise<(size: number) => Promise<readonly Probe[]>>;
};

/** What a probe took at one size: calls of AWS and units of DynamoDB are the same in every run, times are not. */
export type Point = {
  readonly size: number;
  readonly calls: number;
  /** Read and write request units. */
  readonly units: number;
  readonly ms: number;
};

export type Line = { readonly probe: string; readonly points: readonly Point[] };

/** A probe is repeated for so long, so often at most, and its median counts; one that takes longer is done once. */
const REPEATED_FOR_MS = 1_000;
const REPEATED_MAX = 15;
/** Node compiles what is called often: what is measured first is done so often before. */
const WARM_UP_RUNS = 20;

/** Measures a dimension's probes at each of some sizes, in memory. Without times it does each once, and nothing twice. */
export async function measureDimension(
  dimension: Dimension,
  of: { readonly sizes: readonly number[]; readonly isTimed: boolean; readonly tell: (line: string) => void },
): Promise<readonly Line[]> {
  const deployment = await deploy();
  const lines = new Map<string, Point[]>();
  try {
    const metered = meter(deployment.world);
    const grow = await dimension.grower(deployment);
    for (const [index, size] of of.sizes.entries()) {
      of.tell(`${dimension.title}: ${size.toLocaleString('en')} ${dimension.unit}`);
      for (const probe of await grow(size)) {
        if (index === 0 && of.isTimed) await warmUp(probe);
        const points = lines.get(probe.name) ?? [];
        points.push({ size, ...(await measure(probe, metered, of.isTimed)) });
        lines.set(probe.name, points);
      }
    }
  } finally {
    await deployment.stop();
  }
  return [...lines].map(([probe, points]) => ({ probe, points }));
}

async function warmUp({ prepare, run }: Probe): Promise<void> {
  for (let times = 0; times < WARM_UP_RUNS; times++) {
    await prepare?.();
    await run();
  }
}

async function measure(probe: Probe, metered: Meter, isTimed: boolean): Promise<Omit<Point, 'size'>> {
  const first = await once(probe, metered);
  const times: number[] = [];
  const untilMs = performance.now() + REPEATED_FOR_MS;
  const mayRepeat = isTimed && first.ms < REPEATED_FOR_MS / 2;
  while (mayRepeat && times.length < REPEATED_MAX && performance.now() < untilMs) {
    times.push((await once(probe, metered)).ms);
  }
  return { ...first, ms: times.length === 0 ? first.ms : quantile(times, 0.5) };
}

async function once({ prepare, run }: Probe, metered: Meter): Promise<Omit<Point, 'size'>> {
  await prepare?.();
  metered.reset();
  const begunMs = performance.now();
  await run();
  const ms = performance.now() - begunMs;
  const { rru, wru } = metered.read();
  const calls = Object.values(metered.calls()).reduce((sum, count) => sum + count, 0);
  return { calls, units: rru + wru, ms };
}
