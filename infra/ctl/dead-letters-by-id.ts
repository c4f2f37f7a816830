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

/** Deletes dead letters, where that is meant. */
export async function deleteLetters(
  connection: Connection,
  { queue, id: named, yes = false, ...output }: DeleteOptions,
): Promise<void> {
  const ids = [...new Set(named)];
  const [what, them] = ids.length === 1 ? ['1 dead letter', 'it'] : [`${ids.length} dead letters`, 'them'];
  if (!yes) throw new CommandError(`${what} of ${queue} would go, for good. Add --yes to delete ${them}`);
  const { removed, missing } = await lettersOf(connection, queue).remove(ids);
  if (removed > 0) print(output, { queue, deleted: removed, missing }, `Deleted ${removed} of ${queue}`);
  if (missing.length > 0) throw notFound(missing, 'deleted');
}

function notFound(ids: readonly string[], whatMayBe: string): CommandError {
  return new CommandError(
    `Not found: ${ids.join(', ')}. It was ${whatMayBe} before, or somebody has it in hand: see dead-letters list`,
  );
}
