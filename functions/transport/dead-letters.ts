import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { queue } from './queue.ts';

/** A message that could not be handled. */
export type DeadLetter = {
  readonly id: string;
  /** When it came into its first queue, or, where ingest gave it up itself, when it did. ISO 8601. */
  readonly sentAt: string;
  readonly receives: number;
  /** Why it was given up, where that is known: what of an event cannot be read. */
  readonly reason?: string | undefined;
  /** The first characters of the body. */
  readonly excerpt: string;
};

type Where = {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly deadLetterUrl: string;
  /** The queue that the dead letters come from. */
  readonly sourceUrl: string;
};

/** Fewer while one looks: a look is over soon, and whoever works on the messages should not wait for it. */
const LIST_HOLD_SECONDS = 60;
const REDRIVE_HOLD_SECONDS = 300;
const BATCH_SIZE = 10;
/** A long poll asks all of SQS's servers; a short one asks some, and may miss what the others have. */
const WAIT_SECONDS = 1;
/** Not 0: fauxqs 2.4.1 loses hold of a persistent message whose timeout is set to 0. */
const HAND_BACK_SECONDS = 1;
const EXCERPT_CHARACTERS = 200;

/** Messages that are held until the end, by id. They come without most of their bodies: there may be many. */
type Held = Map<string, Message>;

/** The dead-letter queue of a queue, as an operator sees it. */
export function deadLetters(where: Where) {
  return {
    /**
     * Up to `limit` dead letters, and how many others somebody had in hand, about, as SQS counts. They stay: each is handed back
     * to the queue, where it can be received a second later.
     */
    async list(limit: number): Promise<{ readonly letters: readonly DeadLetter[]; readonly inFlight: number }> {
      const inFlight = await countInFlight(where);
      const held: Held = new Map();
      while (held.size < limit) {
        const max = Math.min(BATCH_SIZE, limit - held.size);
        if (hold(held, await receive(where, { max, holdSeconds: LIST_HOLD_SECONDS })) === 0) break;
      }
      await handBack(where, held);
      return { letters: [...held.values()].map(letter), inFlight };
    },

    /**
     * Sends dead letters back to the queue that they come from, and deletes each once it is sent: cut short, it may be sent
     * twice, and is never lost. Those of the given ids; or all, but for those that came after `startedMs`, for what dies again
     * at once would be sent back for ever. Tells `onProgress` the count after each batch. `missing` are the given ids that were
     * not to be received.
     */
    async redrive(options: Redrive): Promise<Redriven> {
      const open = options.ids && new Set(options.ids);
      const isWanted = (message: Message) => (open ? open.has(idOf(message)) : sentMs(message) <= options.startedMs);
      const held: Held = new Map();
      let redriven = 0;
      while (open === undefined || open.size > 0) {
        const batch = await receive(where, { max: BATCH_SIZE, holdSeconds: REDRIVE_HOLD_SECONDS });
        const wanted = batch.filter(isWanted);
        const others = batch.filter((message) => !isWanted(message));
        if (hold(held, others) + wanted.length === 0) break;
        await move(where, wanted);
        for (const message of wanted) open?.delete(idOf(message));
        redriven += wanted.length;
        options.onProgress(redriven);
      }
      await handBack(where, held);
      return { redriven, left: held.size, missing: [...(open ?? [])] };
    },
  };
}

type Redrive = {
  readonly ids?: readonly string[] | undefined;
  readonly startedMs: number;
  readonly onProgress: (redriven: number) => void;
};

type Redriven = { readonly redriven: number; readonly left: number; readonly missing: readonly string[] };

async function countInFlight({ sqs, deadLetterUrl }: Where): Promise<number> {
  const name = 'ApproximateNumberOfMessagesNotVisible';
  const command = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: [name] });
  return Number((await sqs.send(command)).Attributes?.[name]);
}

async function receive(
  { sqs, deadLetterUrl }: Where,
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
  for (const message of messages) held.set(idOf(message), short(message));
  return held.size - before;
}

/** Sends messages to the queue they come from, then deletes those that it has. Throws where one of them stays. */
async function move({ sqs, deadLetterUrl, sourceUrl }: Where, messages: readonly Message[]): Promise<void> {
  const sent = await queue(sqs, sourceUrl).send(
    messages.map(({ Body = '', Attributes = {} }) => ({ body: Body, groupId: Attributes.MessageGroupId })),
  );
  const Entries = messages
    .filter((_, index) => sent[index])
    .map(({ ReceiptHandle }, index) => ({ Id: index.toString(), ReceiptHandle }));
  if (Entries.length > 0) {
    const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: deadLetterUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} dead letters were sent back and could not be deleted`);
  }
  if (Entries.length < messages.length)
    throw new Error('The queue did not take back a dead letter: it stays where it is');
}

/** Makes messages visible again. One that cannot be handed back comes back by itself, when its time is up. */
async function handBack({ sqs, deadLetterUrl }: Where, held: Held): Promise<void> {
  const messages = [...held.values()];
  for (let from = 0; from < messages.length; from += BATCH_SIZE) {
    const Entries = messages.slice(from, from + BATCH_SIZE).map(({ ReceiptHandle }, index) => ({
      Id: index.toString(),
      ReceiptHandle,
      VisibilityTimeout: HAND_BACK_SECONDS,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadLetterUrl, Entries }));
  }
}

/** A message without most of its body, which may be 1 MB: many are held at once. */
function short(message: Message): Message {
  // Through bytes: a slice keeps the text that it is a slice of.
  const excerpt = Buffer.from((message.Body ?? '').slice(0, EXCERPT_CHARACTERS).toWellFormed());
  return { ...message, Body: excerpt.toString() };
}

function letter(message: Message): DeadLetter {
  return {
    id: idOf(message),
    sentAt: new Date(sentMs(message)).toISOString(),
    receives: Number(message.Attributes?.ApproximateReceiveCount),
    reason: message.MessageAttributes?.['reason']?.StringValue,
    excerpt: message.Body ?? '',
  };
}

function idOf({ MessageId = '' }: Message): string {
  return MessageId;
}

function sentMs({ Attributes }: Message): number {
  return Number(Attributes?.SentTimestamp);
}
