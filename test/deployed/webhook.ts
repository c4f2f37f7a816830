import assert from 'node:assert/strict';
import type { EventType } from '../../functions/domain/catalogue.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Deployed, Put } from './deployed.ts';
import { eventually } from './eventually.ts';
import type { Arrival } from './receiver-child.ts';

/** A webhook of a namespace's, as the test made it. */
export type Webhook = {
  readonly id: number;
  /** Its path in the API, and in the console below `/console`. */
  readonly path: string;
  readonly url: string;
  /** What has arrived of an event, in order. */
  readonly arrivalsOf: (event: Put) => readonly Arrival[];
  /** Where the delivery of an event stands, by the API's log; undefined where the log has none. */
  readonly standing: (event: Put) => Promise<Standing | undefined>;
};

/** As much of a delivery as the API says. */
type Standing = {
  readonly id: string;
  readonly status: string;
  readonly attempts_made: number;
  readonly next_attempt_at: string | null;
  readonly error: { readonly class: string; readonly message: string } | null;
};

type Draft = {
  /** As `username/path`. */
  readonly namespace: string;
  /** How its receiver answers. */
  readonly answers: readonly string[];
  readonly secret?: string;
  /** All types where none are named. */
  readonly events?: readonly EventType[];
};

/** Creates a webhook, over the API. */
export async function createWebhook({ user, receiver }: Deployed, draft: Draft): Promise<Webhook> {
  const url = receiver.urlOf(...draft.answers);
  const webhooks = `/n/${draft.namespace}/-/webhooks`;
  const json = { payload_url: url, events: draft.events ?? [], secret: draft.secret };
  const { id } = await user.call<{ readonly id: number }>(webhooks, { method: 'POST', json, status: 201 });
  const path = `${webhooks}/${id}`;
  return {
    id,
    path,
    url,
    arrivalsOf: (event) =>
      receiver.arrivals(url).filter(({ headers }) => headers['x-djinn-ci-delivery'] === deliveryId(event, id)),
    async standing(event) {
      const log = await user.call<readonly Standing[]>(`${path}/deliveries?per_page=100`);
      return log.find((delivery) => delivery.id === deliveryId(event, id));
    },
  };
}

/** Has a delivery made again, over the API. */
export async function askForRedelivery(
  { user }: Deployed,
  { webhook, event }: { readonly webhook: Webhook; readonly event: Put },
): Promise<void> {
  const attempts = `${webhook.path}/deliveries/${deliveryId(event, webhook.id)}/attempts`;
  await user.call(attempts, { method: 'POST', status: 202 });
}

type Expected = { readonly status: string; readonly attempts: number; readonly withinMs?: number };

/** Waits until the log says of an event's delivery what it should, and looks whether the receiver has had as many requests. */
export async function untilStanding(
  webhook: Webhook,
  event: Put,
  { status, attempts, withinMs }: Expected,
): Promise<void> {
  let standing: Standing | undefined;
  const holds = async () => {
    standing = await webhook.standing(event);
    return standing?.status === status && standing.attempts_made === attempts;
  };
  await eventually(`the delivery of ${event.type} is ${status}`, holds, withinMs).catch((cause: Error) => {
    throw new Error(`${cause.message} after ${attempts} attempts. It is ${JSON.stringify(standing)}`, { cause });
  });
  assert.equal(webhook.arrivalsOf(event).length, attempts);
}
