import type { Attempt } from '../../functions/domain/delivery.ts';
import { failedAttempt } from '../support/attempt.ts';

/** An attempt that succeeded, but for what is said of it. */
export function attemptOf(of: Pick<Attempt, 'deliveryId' | 'webhookId' | 'namespaceId'> & Partial<Attempt>): Attempt {
  return failedAttempt({
    eventType: 'build.finished',
    status: 'succeeded',
    nextAttemptAt: undefined,
    request: { url: 'https://receiver.example/hook', headers: [['User-Agent', 'Djinn-CI-Hook']] },
    response: { status: 204, headers: [], body: new Uint8Array(), truncated: false },
    ...of,
  });
}
