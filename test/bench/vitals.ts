import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds, as the system counts it (Linux, proc(5)). */
export type Vitals = { readonly residentMb: number; readonly fileHandles: number };

/** Reads what a process holds; of one that is another user's the handles cannot be read, and this throws. */
export function vitalsOf(pid: number): Vitals {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kb === undefined) throw new Error(`The process ${pid} holds no memory: it has ended`);
  return { residentMb: Number(kb) / 1024, fileHandles: readdirSync(`/proc/${pid}/fd`).length };
}

/** The processes that a process has started, they in turn, and so on, as far as they still run. */
export function descendantsOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const listed = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
    return listed === '' ? [] : listed.split(' ').map(Number);
  });
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Ticks of the clock in which Linux counts what a process has had of processors: a hundred a second, on all of its architectures. */
const TICK_MS = 10;

/** What a process has had of processors since it was started, with all its threads, in ms. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may have spaces and parentheses: user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
