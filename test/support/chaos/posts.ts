import { createHmac } from 'node:crypto';
import { type Book, type BookedDelivery, during } from './book.ts';
import type { StoredItem } from './items.ts';
import { secretOf } from './keys.ts';
import type { Arrival } from './receivers.ts';

/**
 * What is wrong with a POST: it must be of a delivery that was promised, carry its payload, and be such as its webhook was to be
 * called at some moment since the invocation began, with the secret of that moment. So none follows a delete, a pause or a
 * change but those that were under way.
 */
export function postViolations(
  arrival: Arrival,
  {
    book,
    payloads,
    isClockTrue,
  }: { readonly book: Book; readonly payloads: ReadonlyMap<string, string>; readonly isClockTrue: boolean },
): string[] {
  const id = arrival.headers['x-djinn-ci-delivery'] ?? '';
  const webhookId = Number(arrival.headers['x-djinn-ci-hook-id']);
  const delivery = book.deliveries.get(id);
  const webhook = book.webhooks.get(webhookId);
  const name = `A POST of ${id} to webhook ${webhookId} by ${arrival.task.name}`;
  if (delivery?.webhookId !== webhookId || webhook === undefined)
    return [`${name} is of no delivery that was promised`];
  const payload = payloads.get(delivery.event.id);
  if (payload !== undefined && Buffer.from(arrival.body).toString('utf8') !== payload) {
    return [`${name} does not carry the payload of its event`];
  }
  const states = during(webhook.history, arrival.task.startedAtMs, arrival.atMs);
  const objections = states.map(
    (state) => objection(state, arrival, delivery) ?? (isClockTrue ? objectionOfPause(state, arrival.atMs) : undefined),
  );
  return objections.includes(undefined)
    ? cancelledBefore(arrival, delivery, name)
    : [`${name} ${objections.join('; ')}`];
}

/** Why a webhook, as it was at some moment, was not to be called so. */
function objection(state: StoredItem | undefined, arrival: Arrival, { event }: BookedDelivery): string | undefined {
  if (state === undefined) return 'comes while the webhook is not there';
  const endedBy = state['deleted_by'];
  if (endedBy !== undefined && endedBy !== event.id) return 'comes after the end of its namespace';
  if (state['active'] !== true) return 'comes while the webhook is inactive';
  if (state['payload_url'] !== arrival.url) return 'goes to a URL that is not the one of its time';
  return isSigned(arrival, state) ? undefined : 'is not signed with the secrets of its time';
}

/** Only the last news of an end is sent to a webhook that was paused when its namespace ended. */
function objectionOfPause(state: StoredItem | undefined, atMs: number): string | undefined {
  const { until_ms: untilMs = 0 } = (state?.['pause'] ?? {}) as { readonly until_ms?: number };
  return state?.['deleted_by'] === undefined && atMs < untilMs ? 'comes while the webhook is paused' : undefined;
}

function isSigned({ headers, body }: Arrival, state: StoredItem): boolean {
  const own = headers['x-djinn-ci-signature'];
  const standard = headers['webhook-signature'];
  const secret = secretOf(state['sealed_secret']);
  if (secret === undefined) return own === undefined && standard === undefined;
  const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`;
  const signed = (by: string) => `v1,${createHmac('sha256', by).update(head).update(body).digest('base64')}`;
  return (
    own === `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` &&
    headers['webhook-id'] === headers['x-djinn-ci-delivery'] &&
    signers(secret, state, Number(headers['webhook-timestamp']) * 1000).some(
      (by) => standard === by.map(signed).join(' '),
    )
  );
}

/** A secret that was replaced may or may not sign so near its end: clocks jump by that much while an attempt is made. */
const JUMPS_UP_TO_MS = 3_610_000;

/** The secrets that were to sign together at a moment; two possibilities where the older one was about to end. */
function signers(secret: string, state: StoredItem, signedAtMs: number): (readonly string[])[] {
  const previous = state['previous_secret'] as { readonly sealed: string; readonly until: string } | undefined;
  const replaced = secretOf(previous?.sealed);
  if (previous === undefined || replaced === undefined) return [[secret]];
  const leftMs = Date.parse(previous.until) - signedAtMs;
  return [...(leftMs > -JUMPS_UP_TO_MS ? [[secret, replaced]] : []), ...(leftMs < JUMPS_UP_TO_MS ? [[secret]] : [])];
}

/** A delivery whose last run was cancelled, and that nobody made again, is not sent by whoever begins after that. */
function cancelledBefore(arrival: Arrival, { attempts }: BookedDelivery, name: string): string[] {
  const last = attempts.findLast(({ item }) => item['status'] === 'cancelled');
  const version = last?.history.find(({ item }, index) => index > 0 && item?.['status'] === 'cancelled');
  if (last === undefined || version === undefined) return [];
  const isMadeAgain = attempts.some(
    ({ number, item }) => number > last.number && Number(item['first_of_run']) > last.number,
  );
  return !isMadeAgain && arrival.task.startedAtMs > version.atMs
    ? [`${name} comes after its delivery was cancelled`]
    : [];
}
