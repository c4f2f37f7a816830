import { createHash } from 'node:crypto';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateQuery, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { EventType } from '../domain/catalogue.ts';
import { canonicalUrl, type Webhook } from '../domain/webhook.ts';
import { type Item, type Key, nextNumber, sortable, type Table } from './table.ts';

export type WebhookStore = ReturnType<typeof webhookStore>;

/** The webhooks of all namespaces. */
export function webhookStore(table: Table) {
  return {
    /** A new webhook's id: never given twice, whatever becomes of the webhook. */
    nextId: (): Promise<number> => nextNumber(table, 'WEBHOOK'),

    /** Adds a webhook; `url_taken` where the namespace has one with the same payload URL. */
    async add(webhook: Webhook): Promise<'added' | 'url_taken'> {
      const url = { ...urlKey(webhook.namespaceId, webhook.payloadUrl), webhook_id: webhook.id };
      const isNew = { TableName: table.name, ConditionExpression: 'attribute_not_exists(pk)' };
      const items = [{ Put: { ...isNew, Item: webhookItem(webhook) } }, { Put: { ...isNew, Item: url } }];
      try {
        await table.db.send(new TransactWriteCommand({ TransactItems: items }));
        return 'added';
      } catch (error) {
        if (isUrlTaken(error)) return 'url_taken';
        throw error;
      }
    },

    async get(namespaceId: number, id: number): Promise<Webhook | undefined> {
      const { Item: item } = await table.db.send(
        new GetCommand({ TableName: table.name, Key: webhookKey(namespaceId, id) }),
      );
      return item && readWebhook(item as Item);
    },

    /** All webhooks of a namespace, as they are now, by id. */
    async all(namespaceId: number): Promise<Webhook[]> {
      const webhooks: Webhook[] = [];
      const query = { TableName: table.name, ConsistentRead: true, ...between(namespaceId, 0) };
      for await (const page of paginateQuery({ client: table.db }, query)) {
        webhooks.push(...(page.Items ?? []).map((item) => readWebhook(item as Item)));
      }
      return webhooks;
    },

    /** Up to `limit` webhooks of a namespace whose ids are above `afterId`, by id. */
    async page(namespaceId: number, options: { readonly afterId: number; readonly limit: number }): Promise<Webhook[]> {
      const query = { TableName: table.name, Limit: options.limit, ...between(namespaceId, options.afterId + 1) };
      const { Items = [] } = await table.db.send(new QueryCommand(query));
      return Items.map((item) => readWebhook(item as Item));
    },
  };
}

/** Where a webhook stands in the table. */
export function webhookKey(namespaceId: number, id: number): Key {
  return { pk: `NAMESPACE#${namespaceId}`, sk: `WEBHOOK#${sortable(id)}` };
}

/** Reads a webhook from its item. */
export function readWebhook(item: Item): Webhook {
  return {
    id: Number(item['id']),
    namespaceId: Number(item['namespace_id']),
    authorId: Number(item['author_id']),
    payloadUrl: String(item['payload_url']),
    ssl: item['ssl'] === true,
    active: item['active'] === true,
    events: item['events'] as EventType[],
    sealedSecret: item['sealed_secret'] as string | undefined,
    createdAt: String(item['created_at']),
  };
}

function webhookItem(webhook: Webhook): Item {
  return {
    ...webhookKey(webhook.namespaceId, webhook.id),
    v: 1,
    id: webhook.id,
    namespace_id: webhook.namespaceId,
    author_id: webhook.authorId,
    payload_url: webhook.payloadUrl,
    ssl: webhook.ssl,
    active: webhook.active,
    events: webhook.events,
    sealed_secret: webhook.sealedSecret,
    created_at: webhook.createdAt,
  };
}

function urlKey(namespaceId: number, payloadUrl: string): Key {
  const hash = createHash('sha256').update(canonicalUrl(payloadUrl)).digest('hex');
  return { pk: `NAMESPACE#${namespaceId}`, sk: `URL#${hash}` };
}

function between(namespaceId: number, firstId: number) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: {
      ':pk': `NAMESPACE#${namespaceId}`,
      ':first': `WEBHOOK#${sortable(firstId)}`,
      ':last': 'WEBHOOK#~',
    },
  };
}

function isUrlTaken(error: unknown): boolean {
  return (
    error instanceof TransactionCanceledException && error.CancellationReasons?.[1]?.Code === 'ConditionalCheckFailed'
  );
}
