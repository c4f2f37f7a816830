import { type Attempt, type AttemptKey, redeliveryOf } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import type { RecordDeps } from './record.ts';

/**
 * Whether a redelivery has lost its number to the run before it, one of whose attempts was under way when it was asked for. One that waits for
 * its successor, or has succeeded, is as good as the redelivery.
 */
export function isOvertaken({ number, firstOfRun, isReleased }: AttemptKey, recorded: Attempt): boolean {
  const isEnded = recorded.status === 'dead' || recorded.status === 'cancelled';
  return isEnded && number === firstOfRun && !isReleased && recorded.firstOfRun < firstOfRun;
}

/**
 * Whether an attempt that is not in the log, for another has its number, may be a redelivery's that was overtaken while it was made. Its message
 * comes again, and finds what stands there.
 */
export function mayBeOvertaken({ number, firstOfRun, isReleased, status }: Attempt): boolean {
  return firstOfRun > 1 && number === firstOfRun && !isReleased && status !== 'succeeded';
}

/** Sends a redelivery on, to be the attempt behind the one that has its number: sent twice, it is one. Answers whether the queue took it. */
export async function sendBehind(
  deps: Pick<RecordDeps, 'deliveries' | 'onFailure'>,
  key: AttemptKey,
  recorded: Attempt,
): Promise<boolean> {
  const body = writeMessage({ ...redeliveryOf(recorded), isProbe: key.isProbe });
  try {
    const [isSent = false] = await deps.deliveries.send([{ body, groupId: key.webhookId.toString() }]);
    if (!isSent) throw new Error('The deliveries queue did not take a redelivery');
    return true;
  } catch (error) {
    deps.onFailure(error, key);
    return false;
  }
}
