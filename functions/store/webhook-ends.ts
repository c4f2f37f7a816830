import type { Webhook } from '../domain/webhook.ts';
import { TABLE_SCHEMA, type Table } from './table.ts';
import { transact } from './transact.ts';
import { countOneLess, webhookCount } from './webhook-count.ts';
import { urlKey, webhookKey } from './webhook-item.ts';
import { readAll } from './webhooks.ts';

export type WebhookEndStore = ReturnType<typeof webhookEndStore>;

/** By whose end webhooks end: the event, or the command, that deleted their namespace. */
export type WebhookEnd = { readonly deletedBy: string; readonly expiresAtMs: number };

/** Webhooks that end with their namespace. */
export function webhookEndStore(table: Table) {
  return {
    /**
     * Ends all webhooks of a deleted namespace: every reader takes them for gone, and only the news of the deletion is still
     * sent to them. Their items, secrets included, are deleted when they expire.
     */
    async endAll(namespaceId: number, end: WebhookEnd): Promise<void> {
      // One that was changed at the same moment is seen as it is by then; the namespace lets nobody change it for long.
      for (let tried = 0; tried < TRIES; tried++) {
        const webhooks = await readAll(table, namespaceId);
        if (webhooks.length === 0) return;
        for (const webhook of webhooks) await endOne(table, webhook, end);
      }
      throw new Error(`The webhooks of the namespace ${namespaceId} do not end`);
    },
  };
}

const TRIES = 5;

async function endOne(table: Table, webhook: Webhook, { deletedBy, expiresAtMs }: WebhookEnd): Promise<void> {
  const refused = await transact(table, [
    {
      Update: {
        TableName: table.name,
        Key: webhookKey(webhook.namespaceId, webhook.id),
        UpdateExpression: `SET deleted_by = :by, ${TABLE_SCHEMA.timeToLive} = :expires`,
        ConditionExpression: 'payload_url = :seen_url AND attribute_not_exists(deleted_by)',
        ExpressionAttributeValues: {
          ':by': deletedBy,
          ':expires': Math.ceil(expiresAtMs / 1000),
          ':seen_url': webhook.payloadUrl,
        },
      },
    },
    { Delete: { TableName: table.name, Key: urlKey(webhook) } },
    countOneLess(table, webhook.namespaceId),
  ]);
  // There was no count yet: it is made, and this one ends with the next try.
  if (refused.includes(2)) await webhookCount(table, webhook.namespaceId);
}
