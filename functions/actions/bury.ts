import type { Attempt, AttemptError, AttemptKey } from '../domain/delivery.ts';
import { readMessage } from '../domain/delivery-message.ts';
import { WEBHOOK_GONE, webhookInactive } from '../domain/unsent.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { HoldStore } from '../store/holds.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { type NoticeDeps, tellOfDead } from './aftermath.ts';
import { settlePrevious } from './record.ts';

export type BuryDeps = NoticeDeps & {
  readonly attempts: Pick<AttemptStore, 'record' | 'settle' | 'cancel' | 'attempt'>;
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly holds: Pick<HoldStore, 'note'>;
  /** Told of deliveries that end dead with their letter. */
  readonly onBuried: (key: AttemptKey) => void;
  /** Told of what could not be found out, or of notices that the bus did not take: the letter is done again. */
  readonly onFailure: (error: unknown, key: AttemptKey) => void;
  /** Told of messages that name no delivery: they stay in the dead-letter queue, for a person to look at. */
  readonly onUnreadable: (body: string) => void;
};

const GIVEN_UP: AttemptError = {
  class: 'internal',
  message: 'This attempt failed inside the webhook service, again and again, and was given up',
};

/**
 * Closes the deliveries whose messages our own code could not handle: each ends dead, in the log, with the reason; or cancelled, where nothing
 * was to be sent any more. One that went on in the meantime, or is held, stays as it is. Those that are dead are told of on the bus. Answers, in the order
 * of `bodies`, which messages are done.
 */
export async function buryAll(deps: BuryDeps, bodies: readonly string[]): Promise<boolean[]> {
  const keys = bodies.map(readMessage);
  const known = keys.flatMap((key, index) => (key === undefined ? [] : [{ key, index }]));
  const ends = await Promise.all(known.map(({ key }) => endingOf(deps, key)));
  const toRecord = ends.flatMap((ending) => ending?.end ?? []);
  const recorded = await deps.attempts.record(toRecord.map((attempt) => ({ attempt })));
  const insertions = new Map(toRecord.map((end, position) => [end, recorded[position]]));
  const isDone = bodies.map(() => false);
  await Promise.all(
    known.map(async ({ key, index }, position) => {
      const ending = ends[position];
      const end = ending?.end;
      const insertion = end && insertions.get(end);
      if (ending === undefined || insertion === 'failed') return;
      isDone[index] = await isTold(deps, key, insertion === 'inserted' ? end : undefined);
    }),
  );
  keys.forEach((key, index) => {
    if (key === undefined) deps.onUnreadable(bodies[index] ?? '');
  });
  return isDone;
}

/** What a letter ends with; undefined where that cannot be said now: it comes again, alone. */
async function endingOf(deps: BuryDeps, key: AttemptKey): Promise<{ readonly end: Attempt | undefined } | undefined> {
  try {
    return { end: await endOf(deps, key) };
  } catch (error) {
    deps.onFailure(error, key);
    return undefined;
  }
}

/**
 * Settles what came before a letter's attempt, and says what that ends with; undefined where its run has been cancelled, and so has ended, or
 * where it is held.
 */
async function endOf(deps: BuryDeps, key: AttemptKey): Promise<Attempt | undefined> {
  if (await settlePrevious(deps, key)) return undefined;
  if (await goesOnHeld(deps, key)) return undefined;
  const webhook = await deps.webhooks.get(key.namespaceId, key.webhookId);
  if (webhook === undefined) return unsent(deps, key, { status: 'cancelled', error: WEBHOOK_GONE });
  if (!webhook.active) return unsent(deps, key, { status: 'cancelled', error: webhookInactive(webhook) });
  return unsent(deps, key, { status: 'dead', error: GIVEN_UP });
}

/**
 * Whether a letter's attempt is held, by its own message or a twin of that, and goes on being so: only a message that releases it may end it.
 * That its webhook holds it is noted once more, for that may be what the message failed at.
 */
async function goesOnHeld(deps: BuryDeps, key: AttemptKey): Promise<boolean> {
  if (key.isReleased || (await deps.attempts.attempt(key, deps.now()))?.status !== 'held') return false;
  await deps.holds.note(key, deps.now());
  return true;
}

function unsent({ now }: BuryDeps, key: AttemptKey, end: Pick<Attempt, 'status' | 'error'>): Attempt {
  return { ...key, ...end, startedAt: new Date(now()).toISOString(), durationMs: 0 };
}

/** Tells of a letter that ended dead, with this record or one of before; answers whether it need not be done again. */
async function isTold(deps: BuryDeps, key: AttemptKey, inserted: Attempt | undefined): Promise<boolean> {
  if (inserted?.status === 'dead') deps.onBuried(key);
  // What the log has otherwise may be dead and not told of yet.
  const attempt = inserted ?? unsent(deps, key, { status: 'dead', error: GIVEN_UP });
  try {
    await tellOfDead(deps, { attempt, standsAsMade: inserted !== undefined });
    return true;
  } catch (error) {
    deps.onFailure(error, key);
    return false;
  }
}
