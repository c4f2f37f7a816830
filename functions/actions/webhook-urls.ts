import type { Namespace } from '../domain/namespace.ts';
import type { WebhookStore } from '../store/webhooks.ts';

export type WebhookUrlDeps = { readonly webhooks: Pick<WebhookStore, 'all'> };

/** The payload URLs of a namespace's webhooks, by id: what a reader knows a webhook by. Those that are deleted are not among them. */
export async function webhookUrls(deps: WebhookUrlDeps, { id }: Namespace): Promise<ReadonlyMap<number, string>> {
  return new Map((await deps.webhooks.all(id)).map((webhook) => [webhook.id, webhook.payloadUrl]));
}
