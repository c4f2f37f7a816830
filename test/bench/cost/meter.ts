import type { SQSClient } from '@aws-sdk/client-sqs';
import type { World } from '../../../functions/runtime/world.ts';
import { EVENT_SOURCE } from '../../../functions/transport/bus.ts';
import { type Entry, entryBytes } from '../../../infra/local/bus-entry.ts';
import type { Usage } from './bill.ts';

/** What the calls of a world's clients cost: the part of a usage that is seen on the wire. */
export type Metered = Pick<Usage, 'busEvents' | 'sqsRequests' | 'sqsFairRequests' | 'wru' | 'rru' | 'kmsCalls'>;

export type Meter = {
  readonly read: () => Metered;
  /** The calls by command, such as `BatchGetItem`. */
  readonly calls: () => Readonly<Record<string, number>>;
  readonly reset: () => void;
};

/** EventBridge and SQS bill each begun 64 KB as one. */
const CHUNK_BYTES = 64 * 1024;
/** The bus's own words around an event for the queue. */
const ENVELOPE_BYTES = 300;
/**
 * A write whose condition did not hold is billed as if it had been made. The engine does not say what for; none of ours is larger
 * than this.
 */
const REFUSED_WRU = 1;

type Call = { readonly name: string; readonly input: Shape; readonly output: Shape | undefined };
/** As much of the inputs and outputs of commands as is billed. */
type Shape = {
  readonly Entries?: readonly { readonly MessageBody?: string; readonly MessageGroupId?: string }[];
  readonly Messages?: readonly { readonly Body?: string }[];
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
  readonly Responses?: unknown;
};
type Capacity = { readonly CapacityUnits?: number };

const READS: readonly string[] = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];
const WRITES: readonly string[] = [
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'BatchExecuteStatement',
  'TransactWriteItems',
];
const NOTHING: Metered = { busEvents: 0, sqsRequests: 0, sqsFairRequests: 0, wru: 0, rru: 0, kmsCalls: 0 };

/** Meters the calls of a world's clients from now on, in the units that AWS bills. Of a call nothing is kept but what it costs: there are millions. */
export function meter(world: Pick<World, 'dynamodb' | 'sqs' | 'kms' | 'eventbridge'>): Meter {
  let metered = NOTHING;
  let counts: Readonly<Record<string, number>> = {};
  const count = (call: Call) => {
    metered = sumOf(metered, costOf(call));
    counts = { ...counts, [call.name]: (counts[call.name] ?? 0) + 1 };
  };
  // Middleware is typed by the commands of its client, and metering does not look at them.
  const clients = [world.dynamodb, world.sqs, world.kms, world.eventbridge] as unknown as readonly SQSClient[];
  for (const client of clients) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const call = {
          name: (context['commandName'] as string).replace(/Command$/, ''),
          input: args.input as Shape,
        };
        const input = { ...args.input, ...(client === clients[0] ? { ReturnConsumedCapacity: 'TOTAL' } : {}) };
        const answer = await next({ ...args, input }).catch((error: unknown) => {
          count({ ...call, output: undefined });
          throw error;
        });
        count({ ...call, output: answer.output as Shape });
        return answer;
      },
      { step: 'initialize', name: 'meter' },
    );
  }
  const reset = () => {
    metered = NOTHING;
    counts = {};
  };
  return { read: () => metered, calls: () => counts, reset };
}

/** Adds usages up, whatever of one they have. */
export function sumOf<T extends { readonly [K in keyof T]: number }>(a: T, b: Partial<T>): T {
  return Object.fromEntries(Object.keys(a).map((key) => [key, a[key as keyof T] + (b[key as keyof T] ?? 0)])) as T;
}

function costOf({ name, input, output }: Call): Partial<Metered> {
  switch (name) {
    case 'PutEvents':
      return busCost(input.Entries as readonly Entry[]);
    case 'SendMessageBatch': {
      const bodies = (input.Entries ?? []).map(({ MessageBody = '' }) => MessageBody);
      const isFair = input.Entries?.some(({ MessageGroupId }) => MessageGroupId !== undefined);
      return { sqsRequests: chunks(bodies), sqsFairRequests: isFair ? chunks(bodies) : 0 };
    }
    case 'ReceiveMessage':
      return { sqsRequests: chunks((output?.Messages ?? []).map(({ Body = '' }) => Body)) };
    case 'DeleteMessageBatch':
      return { sqsRequests: 1 };
    case 'Encrypt':
    case 'Decrypt':
      return { kmsCalls: 1 };
    default:
      if (READS.includes(name)) return { rru: unitsOf(output) };
      if (WRITES.includes(name)) return { wru: unitsOf(output) + REFUSED_WRU * refusedBy(output) };
      throw new RangeError(`What ${name} costs is not known here`);
  }
}

/** Each event on the bus, and for those of the CI the request with which the bus's rule sends it to the events queue. */
function busCost(entries: readonly Entry[]): Partial<Metered> {
  const ours = entries.filter(({ Source }) => Source === EVENT_SOURCE);
  return {
    busEvents: entries.reduce((sum, entry) => sum + chunksOf(entryBytes(entry)), 0),
    sqsRequests: ours.reduce((sum, entry) => sum + chunksOf(entryBytes(entry) + ENVELOPE_BYTES), 0),
  };
}

function unitsOf(output: Shape | undefined): number {
  const capacities = [output?.ConsumedCapacity ?? []].flat() as readonly Capacity[];
  return capacities.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

/** Writes that were refused: the one of a call that threw, or those of a batch's statements. */
function refusedBy(output: Shape | undefined): number {
  if (output === undefined) return 1;
  const responses = Array.isArray(output.Responses) ? output.Responses : [];
  return responses.filter((one: { readonly Error?: unknown }) => one.Error !== undefined).length;
}

function chunks(texts: readonly string[]): number {
  return chunksOf(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
}

function chunksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}
