import type { Attempt } from '../domain/delivery.ts';
import type { DestinationPolicy } from '../domain/destination.ts';
import { RefusalError, ValidationError } from '../domain/errors.ts';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../domain/limits.ts';
import { missedAfter } from '../domain/missed.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { Neighbours, PageRequest } from '../domain/page.ts';
import { endedSooner, replacedSecret } from '../domain/secret.ts';
import type { Webhook } from '../domain/webhook.ts';
import { type NewSecret, parseWebhookChange, parseWebhookDraft, startsOver } from '../domain/webhook-input.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { HoldStore } from '../store/holds.ts';
import type { StoredChange } from '../store/webhook-update.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { openUnlessLost, type Vault } from '../transport/vault.ts';
import { type Caller, notFound } from './directory.ts';

export type WebhookDeps = {
  readonly webhooks: WebhookStore;
  readonly holds: Pick<HoldStore, 'wake'>;
  readonly attempts: Pick<AttemptStore, 'latest'>;
  readonly vault: Pick<Vault, 'seal' | 'open'>;
  readonly policy: DestinationPolicy;
  readonly now: () => number;
};

/**
 * A webhook as it is at a time, and the last attempt of its newest delivery that is not held; where its very newest is held, that one's attempt,
 * too.
 */
export type WebhookView = {
  readonly webhook: Webhook;
  readonly lastAttempt: Attempt | undefined;
  readonly heldAttempt?: Attempt | undefined;
  readonly atMs: number;
};

/** No field is wrong: the same request is good once there is room. */
const NAMESPACE_FULL = `The namespace has ${WEBHOOKS_PER_NAMESPACE_MAX} webhooks, which is the most it may have. Delete one first`;

/**
 * Creates a webhook from the body of a request. Throws ValidationError with what is wrong with it; refuses where the namespace
 * has as many as it may have.
 */
export async function createWebhook(
  deps: WebhookDeps,
  at: { readonly caller: Caller; readonly namespace: Namespace },
  body: Readonly<Record<string, unknown>>,
): Promise<WebhookView> {
  const { secret, ...draft } = parseWebhookDraft(body, deps.policy);
  const id = await deps.webhooks.nextId();
  const namespaceId = at.namespace.id;
  const webhook: Webhook = {
    ...draft,
    id,
    namespaceId,
    authorId: at.caller.user.id,
    authorName: at.caller.user.username,
    sealedSecret: secret && (await deps.vault.seal(secret, { webhookId: id, namespaceId })),
    createdAt: new Date(deps.now()).toISOString(),
  };
  const added = await deps.webhooks.add(webhook);
  if (added === 'gone') throw notFound();
  if (added === 'url_taken') throw urlTaken();
  if (added === 'full') throw new RefusalError('conflict', NAMESPACE_FULL);
  return { webhook, lastAttempt: undefined, atMs: deps.now() };
}

/** A page of a namespace's webhooks, by id. */
export async function listWebhooks(
  deps: WebhookDeps,
  namespace: Namespace,
  page: PageRequest,
): Promise<{ readonly views: WebhookView[] } & Neighbours> {
  const { rows, ...neighbours } = await deps.webhooks.page(namespace.id, page);
  return { views: await Promise.all(rows.map((webhook) => view(deps, webhook))), ...neighbours };
}

/** One webhook of a namespace. Refuses as not found what is none of this namespace. */
export async function showWebhook(deps: WebhookDeps, namespace: Namespace, id: number): Promise<WebhookView> {
  return view(deps, await existing(deps, { namespace, id }));
}

/** Changes what the body of a request names. Throws ValidationError with what is wrong with it. */
export async function changeWebhook(
  deps: WebhookDeps,
  of: { readonly namespace: Namespace; readonly id: number },
  body: Readonly<Record<string, unknown>>,
): Promise<WebhookView> {
  await changeExisting(deps, of, async (webhook) => {
    const { secret, ...change } = parseWebhookChange(body, webhook, deps.policy);
    const secrets = secret === undefined ? {} : await changedSecrets(deps, webhook, secret);
    const nowMs = deps.now();
    const missed = change.active === undefined ? undefined : missedAfter(webhook, change.active, nowMs);
    return { ...change, ...secrets, missed, startedOverMs: startsOver(webhook, change) ? nowMs : undefined };
  });
  await deps.holds.wake(of.id, deps.now());
  return showWebhook(deps, of.namespace, of.id);
}

/** Changes a webhook by what `changeOf` makes of it as it is, again where somebody else changes it meanwhile. */
export async function changeExisting(
  deps: Pick<WebhookDeps, 'webhooks'>,
  of: { readonly namespace: Namespace; readonly id: number },
  changeOf: (webhook: Webhook) => StoredChange | Promise<StoredChange>,
): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    const webhook = await existing(deps, of);
    const changed = await deps.webhooks.change(webhook, await changeOf(webhook));
    if (changed === 'url_taken') throw urlTaken();
    if (changed === 'changed') return;
  }
  throw changedMeanwhile();
}

/**
 * What a change of the secret makes of the ciphertexts. A secret that is removed takes the one before it along. The secret that
 * there is already is no other one: a request that is repeated must not push out the secret that receivers still check by. One that
 * is lost is replaced at once: beside the new one it would have nothing signed.
 */
async function changedSecrets(
  deps: WebhookDeps,
  webhook: Webhook,
  secret: NewSecret | null,
): Promise<Pick<StoredChange, 'sealedSecret' | 'previousSecret'>> {
  if (secret === null) return { sealedSecret: null, previousSecret: null };
  const { sealedSecret, previousSecret } = webhook;
  const owner = { webhookId: webhook.id, namespaceId: webhook.namespaceId };
  const during = { nowMs: deps.now(), overlapSeconds: secret.overlapSeconds };
  const present = sealedSecret && (await openUnlessLost(deps, sealedSecret, owner));
  if (sealedSecret !== undefined && present === secret.text) {
    return previousSecret === undefined ? {} : { previousSecret: endedSooner(previousSecret, during) };
  }
  return {
    sealedSecret: await deps.vault.seal(secret.text, owner),
    previousSecret: present === undefined ? null : replacedSecret(sealedSecret, during),
  };
}

/** Deletes a webhook. What of its deliveries is still to come is cancelled when its time comes, and what is held with the next minute. */
export async function deleteWebhook(
  deps: WebhookDeps,
  of: { readonly namespace: Namespace; readonly id: number },
): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    if (await deps.webhooks.remove(await existing(deps, of))) return deps.holds.wake(of.id, deps.now());
  }
  throw changedMeanwhile();
}

/** Somebody else's change makes ours be checked again; as often in a row is no accident any more. */
const TRIES = 5;

function changedMeanwhile(): RefusalError {
  return new RefusalError('conflict', 'The webhook was changed at the same time by somebody else. Please try again');
}

async function existing(
  deps: Pick<WebhookDeps, 'webhooks'>,
  of: { readonly namespace: Namespace; readonly id: number },
): Promise<Webhook> {
  const webhook = await deps.webhooks.get(of.namespace.id, of.id);
  if (webhook === undefined) throw notFound();
  return webhook;
}

/** What is said of a payload URL that another webhook of the namespace has. */
export const URL_TAKEN = 'Payload URL is used by another webhook of this namespace';

function urlTaken(): ValidationError {
  return new ValidationError({ payload_url: [URL_TAKEN] });
}

async function view(deps: WebhookDeps, webhook: Webhook): Promise<WebhookView> {
  const atMs = deps.now();
  const { made, held } = await deps.attempts.latest(webhook.id, atMs);
  return { webhook, lastAttempt: made, heldAttempt: held, atMs };
}
