import { type Attempt, type AttemptKey, redeliveryOf } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import { isOvertaken } from '../domain/overtaken.ts';
import { type RecordDeps, settlePrevious } from './record.ts';

type Deps = Pick<RecordDeps, 'deliveries' | 'attempts' | 'now' | 'onFailure'>;

/**
 * Sees to a redelivery whose number is in the log already: where the run before it has that, and goes no further, it is sent on, to be the attempt
 * behind it. Sent twice, it is one. Any other message has nothing more to do. Answers whether the message is done.
 */
export async function sendBehind(deps: Deps, key: AttemptKey, recorded: Attempt): Promise<boolean> {
  try {
    if (!isOvertaken(key, recorded) || !(await isLast(deps, recorded))) return true;
    // Whatever it was recorded as, a hold included, it has ended: the redelivery is not made in its place.
    const behind = redeliveryOf({ ...recorded, status: 'cancelled' });
    const body = writeMessage({ ...behind, isProbe: key.isProbe });
    const [isSent = false] = await deps.deliveries.send([{ body, groupId: key.webhookId.toString() }]);
    if (!isSent) throw new Error('The deliveries queue did not take a redelivery');
    return true;
  } catch (error) {
    deps.onFailure(error, key);
    return false;
  }
}

/**
 * Whether nothing follows an attempt in its run. What is still to come of it, or has succeeded, is as good as a redelivery; but for a run that
 * was cancelled while this attempt was under way, whose end it may not have been handed yet.
 */
async function isLast(deps: Deps, attempt: Attempt): Promise<boolean> {
  const { status } = attempt;
  if (status === 'succeeded') return false;
  return status === 'dead' || status === 'cancelled' || settlePrevious(deps, attempt);
}
