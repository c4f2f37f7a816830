import { Command, InvalidArgumentError, Option } from 'commander';
import { DEAD_LETTERS_DEFAULT_ROWS, DEAD_LETTERS_MAX_ROWS } from '../../functions/domain/limits.ts';
import { type DeadLetter, deadLetters } from '../../functions/transport/dead-letters.ts';
import type { WorkQueueName } from '../queues.ts';
import { CommandError } from './command-error.ts';
import { type Connection, withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';
import { progress } from './progress.ts';

const WORK_QUEUES: readonly WorkQueueName[] = ['events', 'deliveries'];
/** Characters of a body in a row of the list. */
const ROW_EXCERPT_CHARACTERS = 60;

type Of = Output & { readonly queue?: WorkQueueName };
type ListOptions = Of & { readonly limit: number };
type RedriveOptions = Of & { readonly id?: readonly string[] };

/** `dead-letters list` and `dead-letters redrive`. */
export function deadLettersCommand(): Command {
  const list = on('list', 'Show messages that could not be handled. They stay where they are.')
    .option(
      '--limit <n>',
      `how many of each queue, at most ${DEAD_LETTERS_MAX_ROWS}`,
      readLimit,
      DEAD_LETTERS_DEFAULT_ROWS,
    )
    .action((options: ListOptions) => withConnection((connection) => showLetters(connection, options)));
  const redrive = on(
    'redrive',
    'Send messages back to the queue that they come from. None is lost; at worst one comes twice.',
  )
    .option('--id <id>', 'only this one; may be said more than once', (id: string, ids: readonly string[] = []) => [
      ...ids,
      id,
    ])
    .action((options: RedriveOptions) => withConnection((connection) => redriveLetters(connection, options)));
  return new Command('dead-letters')
    .description('What could not be handled: events that cannot be read, deliveries that we failed to make')
    .addCommand(list)
    .addCommand(redrive);
}

function on(verb: string, description: string): Command {
  return new Command(verb)
    .description(description)
    .addOption(
      new Option('--queue <queue>', 'whose dead letters; those of both where none is named').choices(WORK_QUEUES),
    )
    .option(...JSON_OPTION);
}

async function showLetters(connection: Connection, { limit, ...options }: ListOptions): Promise<void> {
  const facts = [];
  const notes = [];
  for (const queue of queuesOf(options)) {
    const { letters, inFlight } = await lettersOf(connection, queue).list(limit);
    facts.push(...letters.map((letter) => factsOf(queue, letter)));
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
  const table = facts.length === 0 ? noLetters(options) : columns([HEAD, ...rows]);
  print(options, facts, [table, ...notes].join('\n'));
}

async function redriveLetters(connection: Connection, { id: ids, ...options }: RedriveOptions): Promise<void> {
  const facts = [];
  let missing = ids;
  for (const queue of queuesOf(options)) {
    if (missing?.length === 0) break;
    const line = progress((count) => `${count} sent back to ${queue}`);
    const startedMs = connection.world.now();
    const done = await lettersOf(connection, queue)
      .redrive({ ids: missing, startedMs, onProgress: line.at })
      .finally(line.end);
    facts.push({ queue, redriven: done.redriven, left: ids === undefined ? done.left : 0 });
    if (ids !== undefined) missing = done.missing;
  }
  const total = facts.reduce((sum, { redriven }) => sum + redriven, 0);
  const summary = facts.map(({ queue, redriven, left }) => {
    const note = left === 0 ? '' : `; ${left} came only now and stay`;
    return `Sent ${redriven} back to ${queue}${note}`;
  });
  const isEmpty = ids === undefined && total === 0 && facts.every(({ left }) => left === 0);
  if (total > 0 || ids === undefined) print(options, facts, isEmpty ? noLetters(options) : summary.join('\n'));
  if (missing !== undefined && missing.length > 0) {
    const names = missing.join(', ');
    throw new CommandError(
      `Not found: ${names}. It was sent back before, or somebody has it in hand: see dead-letters list`,
    );
  }
}

function queuesOf({ queue }: Of): readonly WorkQueueName[] {
  return queue === undefined ? WORK_QUEUES : [queue];
}

function lettersOf({ world, queueUrls }: Connection, queue: WorkQueueName) {
  return deadLetters({
    sqs: world.sqs,
    deadLetterUrl: queueUrls[`${queue}-dead-letter`],
    sourceUrl: queueUrls[queue],
  });
}

function noLetters(options: Of): string {
  return `There are no dead letters of ${queuesOf(options).join(' or ')}.`;
}

const HEAD = ['QUEUE', 'ID', 'SENT', 'RECEIVES', 'REASON', 'BODY'] as const;

/** What is printed of a dead letter. */
function factsOf(queue: WorkQueueName, { id, sentAt, receives, reason, excerpt }: DeadLetter) {
  return { queue, id, sent_at: sentAt, receives, reason: reason ?? null, excerpt };
}

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > DEAD_LETTERS_MAX_ROWS)
    throw new InvalidArgumentError(`A limit is a whole number from 1 to ${DEAD_LETTERS_MAX_ROWS}.`);
  return limit;
}
