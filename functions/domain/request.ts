import type { EventType } from './catalogue.ts';
import type { AttemptRequest } from './delivery.ts';
import { djinnSignature, standardSignatures } from './signature.ts';
import { canonicalUrl } from './webhook.ts';

const USER_AGENT = 'Djinn-CI-Hook';
/** What the names of our own headers begin with. */
const OWN_HEADER = 'x-djinn-ci-';

/** Whether a request carries the mark of our deliveries: what takes events refuses it, or they would go round for ever. */
export function isDelivery(headers: Iterable<readonly [string, string]>): boolean {
  return [...headers].some(([name, value]) => {
    const lower = name.toLowerCase();
    return (
      lower.startsWith(OWN_HEADER) ||
      (lower === 'user-agent' && value.toLowerCase().startsWith(USER_AGENT.toLowerCase()))
    );
  });
}

/**
 * The request of one attempt: the URL and the headers of the contract's section 3. Signatures stand in it only where the
 * webhook has a secret. The time that is sent is the time that is signed.
 */
export function deliveryRequest(options: {
  readonly webhook: { readonly id: number; readonly payloadUrl: string };
  readonly eventType: EventType;
  readonly deliveryId: string;
  readonly body: Uint8Array;
  /** What signs it: the webhook's secret, and those that sign beside it; none where it has none. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
}): AttemptRequest {
  const { webhook, eventType, deliveryId, body, secrets, nowMs } = options;
  const [secret] = secrets;
  const timestampSeconds = Math.floor(nowMs / 1000);
  const signatures: [string, string][] =
    secret === undefined
      ? []
      : [
          ['X-Djinn-CI-Signature', djinnSignature(secret, body)],
          ['webhook-id', deliveryId],
          ['webhook-timestamp', timestampSeconds.toString()],
          ['webhook-signature', standardSignatures(secrets, { deliveryId, timestampSeconds, body })],
        ];
  return {
    url: canonicalUrl(webhook.payloadUrl),
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Accept', '*/*'],
      ['Accept-Encoding', 'identity'],
      ['User-Agent', USER_AGENT],
      ['X-Djinn-CI-Event', eventType],
      ['X-Djinn-CI-Hook-ID', webhook.id.toString()],
      ['X-Djinn-CI-Delivery', deliveryId],
      ...signatures,
    ],
  };
}
