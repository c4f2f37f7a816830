import { Command, InvalidArgumentError, Option } from 'commander';
import { DEAD_LETTERS_DEFAULT_ROWS, DEAD_LETTERS_MAX_ROWS } from '../../functions/domain/limits.ts';
import type { DeadLetter } from '../../functions/transport/dead-letters.ts';
import { type Connection, withConnection } from './connection.ts';
import { type DeleteOptions, deleteLetters, type ShowOptions, showLetter } from './dead-letters-by-id.ts';
import { lettersOf, noLetters, type Of, queuesOf, WORK_QUEUES } from './dead-letters-of.ts';
import { type RedriveOptions, redriveLetters } from './dead-letters-redrive.ts';
import { columns, JSON_OPTION, print } from './output.ts';

/** Characters of a body in a row of the list. */
const ROW_EXCERPT_CHARACTERS = 60;

type ListOptions = Of & { readonly limit: number };

/** `dead-letters list`, `dead-letters show`, `dead-letters redrive` and `dead-letters delete`. */
export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('What could not be handled: events that cannot be read, deliveries that we failed to make')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(redriveCommand())
    .addCommand(deleteCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('Show messages that could not be handled. They stay where they are.')
    .addOption(eitherQueue())
    .option(
      '--limit <n>',
      `how many of each queue, at most ${DEAD_LETTERS_MAX_ROWS}`,
      readLimit,
      DEAD_LETTERS_DEFAULT_ROWS,
    )
    .option(...JSON_OPTION)
    .action((options: ListOptions) => withConnection((connection) => listLetters(connection, options)));
}

function showCommand(): Command {
  return new Command('show')
    .description('Print the whole of one message, as it is. It stays where it is.')
    .addOption(oneQueue())
    .requiredOption('--id <id>', 'which one, as dead-letters list shows it')
    .option(...JSON_OPTION)
    .action((options: ShowOptions) => withConnection((connection) => showLetter(connection, options)));
}

function redriveCommand(): Command {
  return new Command('redrive')
    .description('Send messages back to the queue that they come from. None is lost; at worst one comes twice.')
    .addOption(eitherQueue())
    .option('--id <id>', 'only this one; may be said more than once', collect)
    .option(...JSON_OPTION)
    .action((options: RedriveOptions) => withConnection((connection) => redriveLetters(connection, options)));
}

function deleteCommand(): Command {
  return new Command('delete')
    .description(
      'Delete messages that nobody can mend, for good. Those of events keep their alarm on until then, for up to 14 days.',
    )
    .addOption(oneQueue())
    .requiredOption('--id <id>', 'which one; may be said more than once', collect)
    .option('--yes', 'do it; without this, only what would go is said')
    .option(...JSON_OPTION)
    .action((options: DeleteOptions) => withConnection((connection) => deleteLetters(connection, options)));
}

function eitherQueue(): Option {
  return new Option('--queue <queue>', 'whose dead letters; those of both where none is named').choices(WORK_QUEUES);
}

function oneQueue(): Option {
  return new Option('--queue <queue>', 'whose dead letters').choices(WORK_QUEUES).makeOptionMandatory();
}

function collect(id: string, ids: readonly string[] = []): readonly string[] {
  return [...ids, id];
}

async function listLetters(connection: Connection, { limit, ...options }: ListOptions): Promise<void> {
  const facts = [];
  const notes = [];
  for (const queue of queuesOf(options)) {
    const { letters, inFlight } = await lettersOf(connection, queue).list(limit);
    facts.push(...letters.map((letter) => ({ queue, ...factsOf(letter) })));
    if (letters.length >= limit)
      notes.push(`There may be more of ${queue}: --limit shows up to ${DEAD_LETTERS_MAX_ROWS}.`);
    if (inFlight > 0) notes.push(`${inFlight} more of ${queue} are in somebody's hands, for some minutes at most.`);
  }
  const rows = facts.map((one) => [
    one.queue,
    one.id,
    one.sent_at,
    one.receives.toString(),
    one.reason ?? '-',
    one.excerpt.slice(0, ROW_EXCERPT_CHARACTERS).replaceAll(/\p{Cc}/gu, ' '),
  ]);
  const none = notes.length === 0 ? noLetters(options) : undefined;
  print(options, facts, facts.length === 0 ? none : columns([HEAD, ...rows]), notes);
}

const HEAD = ['QUEUE', 'ID', 'SENT', 'RECEIVES', 'REASON', 'BODY'] as const;

/** What is printed of a dead letter in the list. */
function factsOf({ id, sentAt, receives, reason, excerpt }: DeadLetter) {
  return { id, sent_at: sentAt, receives, reason: reason ?? null, excerpt };
}

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > DEAD_LETTERS_MAX_ROWS)
    throw new InvalidArgumentError(`A limit is a whole number from 1 to ${DEAD_LETTERS_MAX_ROWS}.`);
  return limit;
}
