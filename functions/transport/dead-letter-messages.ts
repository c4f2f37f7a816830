import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { excerptOf } from './dead-letter-excerpt.ts';

/** A dead-letter queue. */
export type DeadLetterQueue = { readonly sqs: Pick<SQSClient, 'send'>; readonly deadLetterUrl: string };

const BATCH_SIZE = 10;
/** A long poll asks all of SQS's servers; a short one asks some, and may miss what the others have. */
const WAIT_SECONDS = 1;
/** Not 0: fauxqs 2.4.1 loses hold of a persistent message whose timeout is set to 0. */
const HAND_BACK_SECONDS = 1;

/** Messages that are held until the end, by id. They come without most of their bodies: there may be many. */
type Held = Map<string, Message>;

type Walk = {
  readonly holdSeconds: number;
  /** How many more are wanted, where so many are held: none ends the walk. */
  readonly wanted: (held: number) => number;
  /** Does something with a batch; answers which of it are gone from the queue. */
  readonly take: (batch: readonly Message[]) => Promise<readonly Message[]>;
};

type Walked = {
  /** What stays, with the excerpt of each for its body. */
  readonly held: readonly Message[];
  /** How many others somebody had in hand all the while, about, as SQS counts. */
  readonly inFlight: number;
};

/**
 * Receives messages, each once, until no more are wanted or there are none. However that ends, those that stay are handed back to the
 * queue, where they can be received a second later.
 */
export async function walk(queue: DeadLetterQueue, { holdSeconds, wanted, take }: Walk): Promise<Walked> {
  const before = await countInFlight(queue);
  const held: Held = new Map();
  try {
    for (;;) {
      const max = Math.min(BATCH_SIZE, wanted(held.size));
      const batch = max < 1 ? [] : await receive(queue, { max, holdSeconds });
      if (hold(held, batch) === 0) break;
      for (const gone of await take(batch)) held.delete(idOf(gone));
    }
    // Twice: of the second count SQS may not know yet what was deleted, and of the first fauxqs not what has come back.
    const after = (await countInFlight(queue)) - held.size;
    return { held: [...held.values()], inFlight: Math.max(0, Math.min(before, after)) };
  } finally {
    await handBack(queue, held);
  }
}

/** What time it is by the clock of SQS: the second that has begun, for it tells no less. */
export async function secondOf({ sqs, deadLetterUrl }: DeadLetterQueue): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] });
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (call) => {
      const answered = await next(call);
      date = (answered.response as { readonly headers: Readonly<Record<string, string>> }).headers['date'];
      return answered;
    },
    { step: 'deserialize' },
  );
  await sqs.send(command);
  const ms = Date.parse(date ?? '');
  if (Number.isNaN(ms)) throw new Error('The queue does not say what time it is: send letters back by their ids');
  return ms;
}

/** Deletes messages. Throws where one of them stays. */
export async function discard({ sqs, deadLetterUrl }: DeadLetterQueue, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: index.toString(), ReceiptHandle }));
  const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: deadLetterUrl, Entries }));
  if (Failed.length > 0) throw new Error(`${Failed.length} dead letters could not be deleted`);
}

async function countInFlight({ sqs, deadLetterUrl }: DeadLetterQueue): Promise<number> {
  const name = 'ApproximateNumberOfMessagesNotVisible';
  const command = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: [name] });
  return Number((await sqs.send(command)).Attributes?.[name]);
}

/** The id of a message, which stays the same when it is received again. */
export function idOf({ MessageId = '' }: Message): string {
  return MessageId;
}

/** When a message came into its first queue, by SQS's clock, in ms since 1970. */
export function sentMs({ Attributes }: Message): number {
  return Number(Attributes?.SentTimestamp);
}

async function receive(
  { sqs, deadLetterUrl }: DeadLetterQueue,
  { max, holdSeconds }: { readonly max: number; readonly holdSeconds: number },
): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: deadLetterUrl,
    MaxNumberOfMessages: max,
    VisibilityTimeout: holdSeconds,
    WaitTimeSeconds: WAIT_SECONDS,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return (await sqs.send(command)).Messages ?? [];
}

/** Keeps messages; answers how many of them are new. Where none is, what was held for too long has come again: all were seen. */
function hold(held: Held, messages: readonly Message[]): number {
  const before = held.size;
  for (const message of messages) held.set(idOf(message), { ...message, Body: excerptOf(message.Body ?? '') });
  return held.size - before;
}

/** Makes messages visible again. One that cannot be handed back comes back by itself, when its time is up. */
async function handBack({ sqs, deadLetterUrl }: DeadLetterQueue, held: Held): Promise<void> {
  const messages = [...held.values()];
  try {
    for (let from = 0; from < messages.length; from += BATCH_SIZE) {
      const Entries = messages.slice(from, from + BATCH_SIZE).map(({ ReceiptHandle }, index) => ({
        Id: index.toString(),
        ReceiptHandle,
        VisibilityTimeout: HAND_BACK_SECONDS,
      }));
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadLetterUrl, Entries }));
    }
  } catch {
    // Nobody is to be told of this in place of what ended the walk.
  }
}
