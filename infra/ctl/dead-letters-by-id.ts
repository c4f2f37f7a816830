import type { WorkQueueName } from '../queues.ts';
import { CommandError } from './command-error.ts';
import type { Connection } from './connection.ts';
import { lettersOf } from './dead-letters-of.ts';
import { type Output, print } from './output.ts';

type InQueue = Output & { readonly queue: WorkQueueName };
export type ShowOptions = InQueue & { readonly id: string };
export type DeleteOptions = InQueue & { readonly id: readonly string[]; readonly yes?: boolean };

/** Prints a dead letter: its body alone on standard output, so that it can be kept as it is, and what else is known of it beside that. */
export async function showLetter(connection: Connection, { queue, id, ...output }: ShowOptions): Promise<void> {
  const letter = await lettersOf(connection, queue).find(id);
  if (letter === undefined) throw notFound([id], 'sent back');
  const { sentAt, receives, reason, body } = letter;
  if (!output.json) console.error(`Sent ${sentAt}, received ${receives} times${reason ? `. ${reason}` : ''}:`);
  print(output, { queue, id, sent_at: sentAt, receives, reason: reason ?? null, body }, body);
}

/** Deletes dead letters, where that is meant; else looks which of them are there, and says what would go. */
export async function deleteLetters(
  connection: Connection,
  { queue, id: named, yes = false, ...output }: DeleteOptions,
): Promise<void> {
  const ids = [...new Set(named)];
  if (!yes) throw wouldGo(queue, { ids, missing: await lettersOf(connection, queue).missing(ids) });
  const { removed, missing } = await lettersOf(connection, queue).remove(ids);
  if (removed > 0) print(output, { queue, deleted: removed, missing }, `Deleted ${removed} of ${queue}`);
  if (missing.length > 0) throw notFound(missing, 'deleted');
}

/** What is said in place of deleting: how many there are of the ids that were named, and which are not there. */
function wouldGo(
  queue: WorkQueueName,
  { ids, missing }: { readonly ids: readonly string[]; readonly missing: readonly string[] },
): CommandError {
  const count = ids.length - missing.length;
  if (count === 0) return notFound(missing, 'deleted');
  const [what, them] = count === 1 ? ['1 dead letter', 'it'] : [`${count} dead letters`, 'them'];
  const rest = missing.length === 0 ? '' : `. ${notFound(missing, 'deleted').message}`;
  return new CommandError(`${what} of ${queue} would go, for good. Add --yes to delete ${them}${rest}`);
}

function notFound(ids: readonly string[], whatMayBe: string): CommandError {
  return new CommandError(
    `Not found: ${ids.join(', ')}. It was ${whatMayBe} before, or somebody has it in hand: see dead-letters list`,
  );
}
