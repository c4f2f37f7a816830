import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { payload as buildPayload } from '../cost/payload.ts';

/** What a process is to do: how many deliveries, to where, and how many of them at once. */
export type Orders = { readonly url: string; readonly count: number; readonly atOnce: number };

/** What a process found. */
export type Pace = {
  readonly perSecond: number;
  /** Of its own threads, whatever others did for it. */
  readonly cpuMsPerDelivery: number;
};

/** As many as make no difference to a cache, for each takes a while to make. */
const PAYLOADS = Array.from({ length: 16 }, (_, nth) => buildPayload(nth));

/** A payload of 2 KB, as JSON text. */
export function payload(nth: number): string {
  return PAYLOADS[nth % PAYLOADS.length] ?? '';
}

/** The time, and what this process has had of a processor, in ms. */
type Spent = { readonly ms: number; readonly cpuMs: number };

export function spent(): Spent {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1_000 };
}

/** Prints the pace of so many deliveries since then. */
export function say(before: Spent, deliveries: number): void {
  const now = spent();
  const pace: Pace = {
    perSecond: (1_000 * deliveries) / (now.ms - before.ms),
    cpuMsPerDelivery: (now.cpuMs - before.cpuMs) / deliveries,
  };
  console.log(JSON.stringify(pace));
}

/** Runs a module of this folder in a process of its own. */
export async function inProcess(module: 'bare-loop' | 'handler', orders: Orders): Promise<Pace> {
  const path = fileURLToPath(new URL(`./${module}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, JSON.stringify(orders)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Pace;
}
