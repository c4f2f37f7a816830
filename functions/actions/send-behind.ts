import { type Attempt, type AttemptKey, redeliveryOf } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import type { RecordDeps } from './record.ts';

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
