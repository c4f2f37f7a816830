import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { excerptOf } from './dead-letter-excerpt.ts';
import { type DeadLetterQueue, discard, idOf, secondOf, sentMs, walk } from './dead-letter-messages.ts';
import { queue } from './queue.ts';

/** A message that could not be handled. */
export type DeadLetter = {
  readonly id: string;
  /** When it came into its first queue, or, where ingest gave it up itself, when it did. ISO 8601. */
  readonly sentAt: string;
  readonly receives: number;
  /** Why it was given up, where that is known: what of an event cannot be read. */
  readonly reason?: string | undefined;
  /** The first characters of the body, or of what matters in it. */
  readonly excerpt: string;
};

type Where = DeadLetterQueue & {
  /** The queue that the dead letters come from. */
  readonly sourceUrl: string;
};

/** Fewer while one looks: a look is over soon, and whoever works on the messages should not wait for it. */
const LIST_HOLD_SECONDS = 60;
const SEARCH_HOLD_SECONDS = 300;
const SECOND_MS = 1_000;
const ALL = Number.POSITIVE_INFINITY;

/** The dead-letter queue of a queue, as an operator sees it. */
export function deadLetters(where: Where) {
  return {
    /** Up to `limit` dead letters, which stay, and how many others somebody had in hand, about. */
    async list(limit: number): Promise<{ readonly letters: readonly DeadLetter[]; readonly inFlight: number }> {
      const { held, inFlight } = await walk(where, {
        holdSeconds: LIST_HOLD_SECONDS,
        wanted: (count) => limit - count,
        take: async () => [],
      });
      return { letters: held.map((message) => letter(message, message.Body ?? '')), inFlight };
    },

    /** The dead letter of an id, which stays, with its whole body; undefined where it was not to be received. */
    async find(id: string): Promise<(DeadLetter & { readonly body: string }) | undefined> {
      let found: Message | undefined;
      await walk(where, {
        holdSeconds: SEARCH_HOLD_SECONDS,
        wanted: () => (found === undefined ? ALL : 0),
        take: async (batch) => {
          found = batch.find((message) => idOf(message) === id);
          return [];
        },
      });
      const { Body: body = '' } = found ?? {};
      return found && { ...letter(found, excerptOf(body)), body };
    },

    /** Which of the given ids were not to be received. All dead letters stay. */
    async missing(ids: readonly string[]): Promise<readonly string[]> {
      const open = new Set(ids);
      await walk(where, {
        holdSeconds: SEARCH_HOLD_SECONDS,
        wanted: () => (open.size === 0 ? 0 : ALL),
        take: async (batch) => {
          for (const message of batch) open.delete(idOf(message));
          return [];
        },
      });
      return [...open];
    },

    /** Deletes the dead letters of the given ids for good. `missing` are those that were not to be received. */
    async remove(ids: readonly string[]): Promise<Removed> {
      let removed = 0;
      const remove = async (messages: readonly Message[]) => {
        await discard(where, messages);
        removed += messages.length;
      };
      const { missing } = await takeOut(where, ids, remove);
      return { removed, missing };
    },

    /**
     * Sends dead letters back to the queue that they come from, and deletes each once it is sent: cut short, it may be sent
     * twice, and is never lost. Those of the given ids; or all, but for those that came after the beginning, for what dies again
     * at once would be sent back for ever. Tells `onProgress` the count after each batch. `missing` are the given ids that were
     * not to be received, `inFlight` how many somebody had in hand all the while, about.
     */
    async redrive({ ids, onProgress, signal }: Redrive): Promise<Redriven> {
      let redriven = 0;
      const send = async (messages: readonly Message[]) => {
        await move(where, messages);
        redriven += messages.length;
        onProgress(redriven);
      };
      if (ids !== undefined) return { ...(await takeOut(where, ids, send, signal)), redriven, left: 0 };
      // By the clock of SQS alone, which tells whole seconds: with that second over, what was there is of it or older, and what is
      // sent back from now on is not.
      const secondMs = await secondOf(where);
      await sleep(SECOND_MS);
      const { held, inFlight } = await walk(where, {
        holdSeconds: SEARCH_HOLD_SECONDS,
        wanted: () => (signal?.aborted ? 0 : ALL),
        take: async (batch) => {
          const old = batch.filter((message) => sentMs(message) < secondMs + SECOND_MS);
          await send(old);
          return old;
        },
      });
      return { redriven, left: held.length, missing: [], inFlight };
    },
  };
}

type Redrive = {
  readonly ids?: readonly string[] | undefined;
  readonly onProgress: (redriven: number) => void;
  /** Ends it after the batch that is under way. */
  readonly signal?: AbortSignal | undefined;
};

type Redriven = Missing & { readonly redriven: number; readonly left: number; readonly inFlight: number };
type Removed = Missing & { readonly removed: number };
type Missing = { readonly missing: readonly string[] };

/** Looks for the messages of the given ids, and has done to them what takes them out of the queue. */
async function takeOut(
  where: Where,
  ids: readonly string[],
  remove: (messages: readonly Message[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<Missing & { readonly inFlight: number }> {
  const open = new Set(ids);
  const { inFlight } = await walk(where, {
    holdSeconds: SEARCH_HOLD_SECONDS,
    wanted: () => (open.size === 0 || signal?.aborted ? 0 : ALL),
    take: async (batch) => {
      const wanted = batch.filter((message) => open.has(idOf(message)));
      await remove(wanted);
      for (const message of wanted) open.delete(idOf(message));
      return wanted;
    },
  });
  return { missing: [...open], inFlight };
}

/** Sends messages to the queue they come from, then deletes those that it has. Throws where one of them stays. */
async function move(where: Where, messages: readonly Message[]): Promise<void> {
  const sent = await queue(where.sqs, where.sourceUrl).send(
    messages.map(({ Body = '', Attributes = {} }) => ({ body: Body, groupId: Attributes.MessageGroupId })),
  );
  const moved = messages.filter((_, index) => sent[index]);
  await discard(where, moved);
  if (moved.length < messages.length)
    throw new Error('The queue did not take back a dead letter: it stays where it is');
}

function letter(message: Message, excerpt: string): DeadLetter {
  return {
    id: idOf(message),
    sentAt: new Date(sentMs(message)).toISOString(),
    receives: Number(message.Attributes?.ApproximateReceiveCount),
    reason: message.MessageAttributes?.['reason']?.StringValue,
    excerpt,
  };
}
