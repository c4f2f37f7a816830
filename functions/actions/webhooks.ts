import type { Attempt } from '../domain/delivery.ts';
import type { DestinationPolicy } from '../domain/destination.ts';
import { ValidationError } from '../domain/errors.ts';
import type { Namespace } from '../domain/namespace.ts';
import { parseWebhookDraft, type Webhook } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Vault } from '../transport/vault.ts';
import { type Caller, notFound } from './directory.ts';

export type WebhookDeps = {
  readonly webhooks: WebhookStore;
  readonly attempts: Pick<AttemptStore, 'latest'>;
  readonly vault: Pick<Vault, 'seal'>;
  readonly policy: DestinationPolicy;
  readonly now: () => number;
};

/** A webhook, and the last attempt of its newest delivery. */
export type WebhookView = { readonly webhook: Webhook; readonly lastAttempt: Attempt | undefined };

/** Creates a webhook from the body of a request. Throws ValidationError with what is wrong with it. */
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
    sealedSecret: secret && (await deps.vault.seal(secret, { webhookId: id, namespaceId })),
    createdAt: new Date(deps.now()).toISOString(),
  };
  if ((await deps.webhooks.add(webhook)) === 'url_taken') {
    throw new ValidationError({ payload_url: ['Payload URL is used by another webhook of this namespace'] });
  }
  return { webhook, lastAttempt: undefined };
}

/** A page of a namespace's webhooks, by id. */
export async function listWebhooks(
  deps: WebhookDeps,
  namespace: Namespace,
  page: { readonly afterId: number; readonly limit: number },
): Promise<{ readonly views: WebhookView[]; readonly hasMore: boolean }> {
  const found = await deps.webhooks.page(namespace.id, { ...page, limit: page.limit + 1 });
  const views = await Promise.all(found.slice(0, page.limit).map((webhook) => view(deps, webhook)));
  return { views, hasMore: found.length > page.limit };
}

/** One webhook of a namespace. Refuses as not found what is none of this namespace. */
export async function showWebhook(deps: WebhookDeps, namespace: Namespace, id: number): Promise<WebhookView> {
  const webhook = await deps.webhooks.get(namespace.id, id);
  if (webhook === undefined) throw notFound();
  return view(deps, webhook);
}

async function view(deps: WebhookDeps, webhook: Webhook): Promise<WebhookView> {
  return { webhook, lastAttempt: await deps.attempts.latest(webhook.id, deps.now()) };
}
