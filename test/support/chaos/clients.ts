import { DynamoDBClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueName } from '../../../infra/queues.ts';
import type { Chance } from './chance.ts';
import type { ItemKey } from './items.ts';
import { decrypt, encrypt } from './keys.ts';
import type { MemoryQueues } from './queues.ts';
import type { Call, Scheduler, Service } from './scheduler.ts';
import { cancelled } from './table.ts';

/** What carries out a command of DynamoDB's: the one in this process, or, for comparison, one on the wire. */
export type Carrier = (command: string, input: never, onwards: () => Promise<unknown>) => unknown;

type Deps = {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly queues: MemoryQueues;
  readonly dynamodb: Carrier;
};

const OFFLINE = { region: 'us-east-1', credentials: { accessKeyId: 'chaos', secretAccessKey: 'chaos' } };

/** Clients of the SDK whose every call waits for the scheduler, and is then carried out in this process. */
export function chaosClients(deps: Deps, endpoint = 'http://127.0.0.1:1') {
  const dynamodb = new DynamoDBClient({ ...OFFLINE, endpoint });
  const sqs = new SQSClient({ ...OFFLINE, endpoint });
  const kms = new KMSClient({ ...OFFLINE, endpoint });
  const eventbridge = new EventBridgeClient({ ...OFFLINE, endpoint });
  takeOver(deps, dynamodb, 'dynamodb', (command, input, onwards) => (isPartial) => {
    if (!isPartial) return deps.dynamodb(command, input as never, onwards);
    return partly(deps, command, input as never);
  });
  takeOver(deps, sqs, 'sqs', (_command, input) => (isPartial) => {
    const { QueueUrl, Entries } = input as { QueueUrl: string; Entries: { Id: string; MessageBody: string }[] };
    const lost = isPartial ? Entries.filter(() => deps.chance.happens(0.5)).map(({ Id }) => Id) : [];
    return deps.queues.send(QueueUrl as QueueName, Entries, new Set(lost));
  });
  takeOver(
    deps,
    kms,
    'kms',
    (command, input) => () => (command === 'Encrypt' ? encrypt(input as never) : decrypt(input as never)),
  );
  takeOver(deps, eventbridge, 'eventbridge', (_command, input) => () => {
    const { Entries } = input as { Entries: readonly unknown[] };
    return { FailedEntryCount: 0, Entries: Entries.map((_, index) => ({ EventId: `notice-${index}` })) };
  });
  return { dynamodb, sqs, kms, eventbridge };
}

type Handle = (command: string, input: unknown, onwards: () => Promise<unknown>) => Call['carryOut'];

function takeOver(
  deps: Deps,
  client: DynamoDBClient | SQSClient | KMSClient | EventBridgeClient,
  kind: Service,
  handle: Handle,
): void {
  // Middleware is typed by the commands of its client; here it sees plain values of whichever.
  (client as DynamoDBClient).middlewareStack.add(
    (next, context) => async (call) => {
      const command = String(context['commandName']).replace(/Command$/, '');
      const output = await deps.scheduler.ask({
        label: `${command} ${objectOf(call.input)}`,
        kind,
        readyAtMs: deps.scheduler.nowMs(),
        carryOut: handle(command, call.input, async () => (await next(call)).output),
        error: () => new ProvisionedThroughputExceededException({ message: 'Slow down', $metadata: {} }),
        summary: briefly,
      });
      return { response: {}, output } as Awaited<ReturnType<typeof next>>;
    },
    // Outside of serialisation and retries: input and output are plain values.
    { step: 'initialize', name: 'chaos' },
  );
}

type Partial = {
  readonly Statements: readonly unknown[];
  readonly TransactItems: readonly unknown[];
  readonly RequestItems: Readonly<Record<string, { readonly Keys?: readonly unknown[] } | readonly unknown[]>>;
};

/** Carries out some of a batch and leaves the rest, as DynamoDB does when it is short of something. */
async function partly({ dynamodb, chance }: Deps, command: string, input: Partial): Promise<unknown> {
  const isLeft = () => chance.happens(0.5);
  const forbidden = () => Promise.reject(new Error('A batch is taken in part only in this process'));
  if (command === 'TransactWriteItems') throw cancelled(input.TransactItems.map(() => 'TransactionConflict'));
  if (command === 'BatchExecuteStatement') {
    const left = input.Statements.map(isLeft);
    const Statements = input.Statements.filter((_, index) => !left[index]);
    const { Responses } = (await dynamodb(command, { Statements } as never, forbidden)) as { Responses: unknown[] };
    const done = [...Responses];
    return { Responses: left.map((one) => (one ? { Error: { Code: 'ThrottlingError' } } : done.shift())) };
  }
  const [[name = '', request] = []] = Object.entries(input.RequestItems);
  const all = (request as { Keys?: readonly unknown[] }).Keys ?? (request as readonly unknown[]);
  const [rest, taken] = [all.filter(isLeft), [] as unknown[]];
  for (const one of all) if (!rest.includes(one)) taken.push(one);
  const isWrite = command === 'BatchWriteItem';
  const part = isWrite ? taken : { ...request, Keys: taken };
  const output = (await dynamodb(command, { RequestItems: { [name]: part } } as never, forbidden)) as object;
  const left = rest.length === 0 ? {} : { [name]: isWrite ? rest : { Keys: rest } };
  return { ...output, [isWrite ? 'UnprocessedItems' : 'UnprocessedKeys']: left };
}

type Named = {
  readonly Key?: ItemKey;
  readonly Item?: ItemKey;
  readonly QueueUrl?: string;
  readonly Entries?: readonly unknown[];
  readonly Statements?: readonly unknown[];
  readonly TransactItems?: readonly unknown[];
  readonly IndexName?: string;
};

/** What a call is about, for the trace: the sort key or the queue, and how many of them. */
function objectOf(input: object): string {
  const { Key, Item, QueueUrl, Entries, Statements, TransactItems, IndexName } = input as Named;
  if (QueueUrl !== undefined) return `${QueueUrl} x${Entries?.length}`;
  const key = Key ?? Item;
  if (key !== undefined) return `${key.pk} ${key.sk}`;
  const list = Statements ?? TransactItems;
  return list === undefined ? (IndexName ?? '') : `x${list.length}`;
}

function briefly(answer: unknown): string {
  const { Responses, Failed, Items, UnprocessedKeys } = (answer ?? {}) as Record<string, object[] | undefined>;
  if (Failed !== undefined) return `takes all but ${Failed.length}`;
  if (Items !== undefined) return `${Items.length} found`;
  if (Array.isArray(Responses)) {
    return Responses.map((one) => (one as { Error?: { Code: string } }).Error?.Code ?? 'done').join(', ');
  }
  return UnprocessedKeys !== undefined && Object.keys(UnprocessedKeys).length > 0 ? 'read in part' : 'done';
}
