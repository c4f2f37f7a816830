import { AsyncLocalStorage } from 'node:async_hooks';
import type { Chance } from './chance.ts';
import { NotUnderstood } from './expressions.ts';

/** One invocation of a function, or one request: what is killed as a whole. */
export type Task = {
  readonly name: string;
  readonly startedAtMs: number;
  /** When it is ended by whoever runs it. */
  readonly deadlineMs: number;
  isDead: boolean;
  /** Whether it was killed, or a call of it did not go well: what it leaves undone is then no wonder. */
  isTroubled: boolean;
};

/** What befalls a call; `partial` is an answer that is good but for some of its entries. */
export type Fate = 'calm' | 'killed_before' | 'killed_after' | 'error' | 'answer_lost' | 'twice' | 'partial';

/** The services that the functions call, which fail each for itself. */
export const SERVICES = ['dynamodb', 'sqs', 'kms', 'eventbridge'] as const;
export type Service = (typeof SERVICES)[number];

/** A call that waits for its turn. */
export type Call = {
  readonly task: Task;
  readonly label: string;
  readonly kind: Service | 'post' | 'answer' | 'sleep';
  readonly readyAtMs: number;
  /** Carries it out and answers; throws what the caller is to be told. */
  readonly carryOut: (isPartial: boolean) => unknown;
  /** What the caller is told where the service does not take the call. */
  readonly error: () => Error;
  /** What is said of the answer in the trace. */
  readonly summary: (answer: unknown) => string;
  readonly settle: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void };
};

export type Scheduler = ReturnType<typeof scheduler>;

/** Lambda's time, and that of a request behind API Gateway. */
const TASK_MS = 30_000;
/** A call whose caller was killed arrives at once or never. */
const AFTERMATH_MS = 1_000;

/**
 * Lets tasks run one at a time, each until it makes a call, and carries out one call at a time: so what happens, and in
 * which order, is up to whoever picks the next call, and to nothing else.
 */
export function scheduler(options: { readonly chance: Chance; readonly startMs: number }) {
  const storage = new AsyncLocalStorage<Task>();
  const trace: string[] = [];
  const counts = new Map<string, number>();
  const running = new Set<Task>();
  let pending: Call[] = [];
  let nowMs = options.startMs;

  const note = (text: string) => {
    trace.push(`${new Date(nowMs).toISOString().slice(5, 23)} ${text}`);
  };
  /** Until every task waits for a call: nothing else makes them wait, for `stage.ts` has loaded what they import while they run. */
  const untilQuiet = () => new Promise<void>((resolve) => setImmediate(resolve));

  const current = (): Task => {
    const task = storage.getStore();
    if (task === undefined) throw new Error('A call was made outside of any task');
    return task;
  };

  const ask = (call: Omit<Call, 'task' | 'settle'>, signal?: AbortSignal): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const asked: Call = { ...call, task: current(), settle: { resolve, reject } };
    // A dead task gets no further: what it would ask for now is never asked.
    if (!asked.task.isDead) pending.push(asked);
    signal?.addEventListener('abort', () => {
      pending = pending.filter((one) => one !== asked);
      reject(signal.reason);
    });
    return promise;
  };

  const kill = (task: Task, how: string) => {
    note(`${task.name} ${how}`);
    task.isDead = true;
    task.isTroubled = true;
    running.delete(task);
    const leaves = (call: Call) => call.kind !== 'sleep' && call.kind !== 'answer' && options.chance.happens(0.5);
    pending = pending.filter((call) => call.task !== task || leaves(call));
  };

  const attempt = async (call: Call, fate: Fate) => {
    try {
      const value = await call.carryOut(fate === 'partial');
      return { settle: () => call.settle.resolve(value), summary: call.summary(value) };
    } catch (error) {
      // Not the product's to handle: this run's own services do not know what they were asked.
      if (error instanceof NotUnderstood) throw error;
      return { settle: () => call.settle.reject(error), summary: error instanceof Error ? error.name : String(error) };
    }
  };

  const carry = async (call: Call, fate: Fate): Promise<void> => {
    pending = pending.filter((one) => one !== call);
    const { task } = call;
    const line = `${task.name}: ${call.label}`;
    if (fate !== 'calm') task.isTroubled = true;
    if (fate === 'killed_before') return kill(task, `is killed before ${call.label}`);
    if (fate === 'error') {
      note(`${line} -> is not taken`);
      call.settle.reject(call.error());
      return untilQuiet();
    }
    if (fate === 'twice') await attempt(call, fate);
    const { settle, summary } = await attempt(call, fate);
    note(`${line} -> ${summary}${fate === 'calm' ? '' : ` (${fate})`}${task.isDead ? ' (its caller is dead)' : ''}`);
    if (task.isDead) return;
    if (fate === 'killed_after') return kill(task, 'is killed before it has the answer');
    if (fate === 'answer_lost') call.settle.reject(call.error());
    else settle();
    return untilQuiet();
  };

  const bury = async (): Promise<void> => {
    for (const call of pending.filter(({ task }) => task.isDead)) await carry(call, 'calm');
  };

  return {
    trace,
    note,
    ask,
    carry,
    current,
    nowMs: () => nowMs,
    ready: (): readonly Call[] => pending.filter(({ readyAtMs }) => readyAtMs <= nowMs),
    nextReadyMs: () => Math.min(...pending.map(({ readyAtMs }) => readyAtMs).filter((atMs) => atMs > nowMs)),
    isIdle: () => running.size === 0 && pending.length === 0,
    runningOf: (kind: string) => [...running].filter(({ name }) => name.startsWith(`${kind}-`)).length,

    /** Lets time pass. Tasks whose time is up meanwhile are ended. */
    async advance(toMs: number): Promise<void> {
      if (toMs - nowMs > AFTERMATH_MS) await bury();
      for (const task of [...running].sort((a, b) => a.deadlineMs - b.deadlineMs)) {
        if (task.deadlineMs > toMs) break;
        nowMs = Math.max(nowMs, task.deadlineMs);
        kill(task, 'runs out of time');
        await bury();
      }
      nowMs = Math.max(nowMs, toMs);
    },

    /** Waits for a while of the run's own time. */
    sleep: (ms: number, signal?: AbortSignal): Promise<void> => {
      const readyAtMs = nowMs + Math.max(0, Math.ceil(ms));
      const nothing = {
        carryOut: () => undefined,
        error: () => new Error('A sleep is no call'),
        summary: () => 'over',
      };
      return ask({ ...nothing, label: 'waits', kind: 'sleep', readyAtMs }, signal) as Promise<void>;
    },

    /** Starts a task, and tells when it has ended; never where it is killed. */
    async spawn<T>(kind: string, body: () => Promise<T>, onEnd: (ended: Ended<T>) => void): Promise<Task> {
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      const name = `${kind}-${number}`;
      const task: Task = { name, startedAtMs: nowMs, deadlineMs: nowMs + TASK_MS, isDead: false, isTroubled: false };
      running.add(task);
      const end = (ended: Ended<T>) => {
        running.delete(task);
        if (!task.isDead) onEnd(ended);
      };
      storage.run(task, () => {
        body().then(
          (value) => end({ value }),
          (error: unknown) => end({ error }),
        );
      });
      await untilQuiet();
      return task;
    },
  };
}

/** How a task ended: with a value, or thrown. */
export type Ended<T> = { readonly value: T } | { readonly error: unknown };
