import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { QUEUE_MESSAGE_MAX_BYTES } from '../domain/limits.ts';

/** A message to send. `groupId` makes the queue share its consumers fairly between groups; `delaySeconds` is 0 to 900. */
export type OutgoingMessage = {
  readonly body: string;
  readonly groupId?: string | undefined;
  readonly delaySeconds?: number | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
};

export type Queue = ReturnType<typeof queue>;

const ENTRIES_PER_BATCH = 10;
const TRIES = 3;
/** Batches that are under way together: the deliveries of one run may be a thousand batches, of 10 to 30 ms each. */
const BATCHES_AT_ONCE = 5;

/** What SQS said of messages that a queue did not take in the end: how many, and of each reason its code. */
export type Refusal = { readonly url: string; readonly messages: number; readonly codes: readonly string[] };

/** A queue to send to. `onRefused` is told what it did not take; of a call that failed as a whole the caller is, by an error. */
export function queue(
  sqs: Pick<SQSClient, 'send'>,
  url: string,
  { onRefused }: { readonly onRefused?: (refusal: Refusal) => void } = {},
) {
  return {
    /**
     * Sends messages in batches of ten, a few of them at once. Answers, in the order of `messages`, whether the queue has each: SQS takes
     * part of a batch and answers 200, so an answer says nothing until its `Failed` entries are read. Those are sent again
     * twice; what fails then too is false. Throws where a whole call fails, once all others are over.
     */
    async send(messages: readonly OutgoingMessage[]): Promise<boolean[]> {
      const { SendMessageBatchCommand } = await import('./sdk-sqs.ts');
      const sent = messages.map(() => false);
      const waiting = batches(messages).values();
      const work = async () => {
        for (const batch of waiting) {
          let open = batch;
          let codes: readonly string[] = [];
          for (let tried = 0; open.length > 0 && tried < TRIES; tried++) {
            const Entries = open.map((index) => entry(index, messages[index]));
            const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
            const failed = new Set(Failed.map(({ Id }) => Number(Id)));
            for (const index of open) sent[index] = !failed.has(index);
            open = open.filter((index) => failed.has(index));
            codes = [...new Set(Failed.map(({ Code = 'unknown' }) => Code))];
          }
          if (open.length > 0) onRefused?.({ url, messages: open.length, codes });
        }
      };
      const ends = await Promise.allSettled(Array.from({ length: BATCHES_AT_ONCE }, work));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      return sent;
    },
  };
}

/** The bytes of a message as SQS counts them: its body, and of its attributes names, types and values. */
export function messageBytes({ body, attributes = {} }: OutgoingMessage): number {
  const counted = Object.entries(attributes).map(([name, value]) => Buffer.byteLength(`${name}String${value}`));
  return counted.reduce((sum, one) => sum + one, Buffer.byteLength(body));
}

function entry(index: number, message: OutgoingMessage | undefined): SendMessageBatchRequestEntry {
  const attributes = Object.entries(message?.attributes ?? {}).map(
    ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
  );
  return {
    Id: index.toString(),
    MessageBody: message?.body,
    ...(message?.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message?.delaySeconds === undefined ? {} : { DelaySeconds: message.delaySeconds }),
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
  };
}

/** Indexes of messages in groups of at most ten, whose bytes fit into one request. */
function batches(messages: readonly OutgoingMessage[]): number[][] {
  const groups: number[][] = [];
  let bytes = 0;
  messages.forEach((message, index) => {
    const size = messageBytes(message);
    const last = groups.at(-1);
    if (last !== undefined && last.length < ENTRIES_PER_BATCH && bytes + size <= QUEUE_MESSAGE_MAX_BYTES) {
      last.push(index);
      bytes += size;
    } else {
      groups.push([index]);
      bytes = size;
    }
  });
  return groups;
}
