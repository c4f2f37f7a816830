import type { WorkQueueName } from '../queues.ts';
import { untilSignal } from '../signals.ts';
import { CommandError } from './command-error.ts';
import type { Connection } from './connection.ts';
import { lettersOf, noLetters, type Of, queuesOf } from './dead-letters-of.ts';
import { print } from './output.ts';
import { progress } from './progress.ts';

export type RedriveOptions = Of & { readonly id?: readonly string[] };

type Redrive = {
  readonly queue: WorkQueueName;
  readonly ids?: readonly string[];
  readonly signal: AbortSignal;
};

type Facts = {
  readonly queue: WorkQueueName;
  readonly redriven: number;
  readonly left: number;
  readonly in_flight: number;
};

const INTERRUPTED = 'Interrupted: what was not sent back is where it was. Run it again for the rest';

/** Sends back all dead letters of a queue or of both, or those of the given ids. */
export async function redriveLetters(connection: Connection, { id: ids, ...options }: RedriveOptions): Promise<void> {
  return ids === undefined ? redriveAll(connection, options) : redriveSome(connection, { ...options, ids });
}

async function redriveAll(connection: Connection, options: Of): Promise<void> {
  const facts: Facts[] = [];
  const signal = interruption();
  for (const queue of queuesOf(options)) {
    if (!signal.aborted) facts.push((await redrive(connection, { queue, signal })).facts);
  }
  const sent = facts.reduce((sum, { redriven }) => sum + redriven, 0);
  const inHand = facts.reduce((sum, { in_flight }) => sum + in_flight, 0);
  const left = facts.reduce((sum, one) => sum + one.left, 0);
  const notes = facts.flatMap(({ queue, in_flight }) =>
    in_flight === 0 ? [] : [`${in_flight} more of ${queue} are in somebody's hands: run it again in 5 minutes.`],
  );
  const isEmpty = sent + left + inHand === 0 && !signal.aborted;
  print(options, facts, isEmpty ? noLetters(options) : summaryOf(facts), notes);
  if (signal.aborted) throw new CommandError(INTERRUPTED);
  // Nothing is done, and something is to do: a script must not take that for the end.
  if (sent === 0 && inHand > 0) process.exitCode = 1;
}

async function redriveSome(
  connection: Connection,
  { ids, ...options }: Of & { readonly ids: readonly string[] },
): Promise<void> {
  const facts: Facts[] = [];
  let missing = ids;
  const signal = interruption();
  for (const queue of queuesOf(options)) {
    if (missing.length === 0 || signal.aborted) break;
    const done = await redrive(connection, { queue, ids: missing, signal });
    facts.push(done.facts);
    missing = done.missing;
  }
  if (missing.length < ids.length) print(options, facts, summaryOf(facts));
  if (missing.length === 0) return;
  if (signal.aborted) throw new CommandError(INTERRUPTED);
  throw new CommandError(
    `Not found: ${missing.join(', ')}. It was sent back before, or somebody has it in hand: see dead-letters list`,
  );
}

async function redrive(connection: Connection, { queue, ids, signal }: Redrive) {
  const line = progress((count) => `${count} sent back to ${queue}`);
  const { redriven, left, inFlight, missing } = await lettersOf(connection, queue)
    .redrive({ ids, onProgress: line.at, signal })
    .finally(line.end);
  return { facts: { queue, redriven, left, in_flight: inFlight }, missing };
}

/** At the first Ctrl-C: what is held then is handed back. It would be in nobody's hands for five minutes, and count as in somebody's. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  void untilSignal('SIGINT').then(() => controller.abort());
  return controller.signal;
}

function summaryOf(facts: readonly Facts[]): string {
  const lines = facts.map(({ queue, redriven, left }) => {
    const note = left === 0 ? '' : `; ${left} came only now and stay`;
    return `Sent ${redriven} back to ${queue}${note}`;
  });
  return lines.join('\n');
}
