import type { AttemptKey } from '../domain/delivery.ts';
import { readMessage } from '../domain/delivery-message.ts';
import type { AttemptStore } from '../store/attempts.ts';
import { type NoticeDeps, tellOfDead } from './aftermath.ts';

export type BuryDeps = NoticeDeps & {
  readonly attempts: Pick<AttemptStore, 'record' | 'settle' | 'delivery'>;
  /** Told of deliveries that end with their letter. */
  readonly onBuried: (key: AttemptKey) => void;
  /** Told of notices that the bus did not take: the letter is done again. */
  readonly onFailure: (error: unknown, key: AttemptKey) => void;
  /** Told of messages that name no delivery: they stay in the dead-letter queue, for a person to look at. */
  readonly onUnreadable: (body: string) => void;
};

const REASON = 'This attempt failed inside the webhook service, again and again, and was given up';

/**
 * Closes the deliveries whose messages our own code could not handle: each ends dead, in the log, with the reason. One
 * that went on in the meantime stays as it is. Those that are dead are told of on the bus. Answers, in the order of `bodies`, which messages are done.
 */
export async function buryAll(deps: BuryDeps, bodies: readonly string[]): Promise<boolean[]> {
  const keys = bodies.map(readMessage);
  const known = keys.flatMap((key, index) => (key === undefined ? [] : [{ key, index }]));
  const startedAt = new Date(deps.now()).toISOString();
  const recorded = await deps.attempts.record(known.map(({ key }) => ({ attempt: dead(key, startedAt) })));
  const isDone = bodies.map(() => false);
  await Promise.all(
    known.map(async ({ key, index }, position) => {
      if (recorded[position] === 'failed') return;
      if (key.number > 1) await deps.attempts.settle({ ...key, number: key.number - 1 });
      const standsAsMade = recorded[position] === 'inserted';
      if (standsAsMade) deps.onBuried(key);
      isDone[index] = await isTold(deps, { attempt: dead(key, startedAt), standsAsMade });
    }),
  );
  keys.forEach((key, index) => {
    if (key === undefined) deps.onUnreadable(bodies[index] ?? '');
  });
  return isDone;
}

/** Tells of a letter that ended dead, with this record or one of before; answers whether it need not be done again. */
async function isTold(deps: BuryDeps, made: Parameters<typeof tellOfDead>[1]): Promise<boolean> {
  try {
    await tellOfDead(deps, made);
    return true;
  } catch (error) {
    deps.onFailure(error, made.attempt);
    return false;
  }
}

function dead(key: AttemptKey, startedAt: string) {
  return { ...key, status: 'dead', error: { class: 'internal', message: REASON }, startedAt, durationMs: 0 } as const;
}
