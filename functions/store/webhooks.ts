import { createHash } from 'node:crypto';
import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { EventType } from '../domain/catalogue.ts';
import { canonicalUrl, type Webhook } from '../domain/webhook.ts';
import { namespaceKey } from './namespace-item.ts';
import { type Item, type Key, nextNumber, sortable, type Table } from './table.ts';
import { transact } from './transact.ts';

/** What is to be changed of a webhook: absent keeps its value, and a secret of null is removed. */
export type StoredChange = Partial<Pick<Webhook, 'payloadUrl' | 'ssl' | 'active' | 'events'>> & {
  readonly sealedSecret?: string | null | undefined;
};

type Changed = 'changed' | 'url_taken' | 'stale';

export type WebhookStore = ReturnType<typeof webhookStore>;

/** The webhooks of all namespaces. */
export function webhookStore(table: Table) {
  return {
    /** A new webhook's id: never given twice, whatever becomes of the webhook. */
    nextId: (): Promise<number> => nextNumber(table, 'WEBHOOK'),

    /** Adds a webhook; `url_taken` where the namespace has one with the same payload URL, `gone` where it is deleted. */
    async add(webhook: Webhook): Promise<'added' | 'url_taken' | 'gone'> {
      const isNew = { TableName: table.name, ConditionExpression: 'attribute_not_exists(pk)' };
      const refused = await transact(table, [
        { Put: { ...isNew, Item: webhookItem(webhook) } },
        { Put: { ...isNew, Item: urlItem(webhook) } },
        { ConditionCheck: { TableName: table.name, Key: namespaceKey(webhook.namespaceId), ...NOT_DELETED } },
      ]);
      if (refused.includes(2)) return 'gone';
      return refused.length === 0 ? 'added' : 'url_taken';
    },

    /**
     * Changes what `change` names of a webhook that is as `seen`. `stale` where its URL or its `ssl` is another by now, or
     * it is gone: what was checked of them no longer holds.
     */
    change: (seen: Webhook, change: StoredChange): Promise<Changed> => changeStored(table, seen, change),

    /** Deletes a webhook that is as `seen`; false where its URL is another by now, or it is gone. */
    remove: (seen: Webhook): Promise<boolean> => removeStored(table, seen),

    async get(namespaceId: number, id: number): Promise<Webhook | undefined> {
      const { Item: item } = await table.db.send(
        new GetCommand({ TableName: table.name, Key: webhookKey(namespaceId, id), ConsistentRead: true }),
      );
      return item && item['deleted_by'] === undefined ? readWebhook(item as Item) : undefined;
    },

    /** All webhooks of a namespace, as they are now, by id. */
    all: (namespaceId: number): Promise<Webhook[]> => readAll(table, namespaceId),

    /** Up to `limit` webhooks of a namespace whose ids are above `afterId`, by id. */
    async page(namespaceId: number, options: { readonly afterId: number; readonly limit: number }): Promise<Webhook[]> {
      const query = { TableName: table.name, Limit: options.limit, ...between(namespaceId, options.afterId + 1) };
      const webhooks: Webhook[] = [];
      for await (const { Items = [] } of paginateQuery({ client: table.db }, query)) {
        webhooks.push(...Items.map((item) => readWebhook(item as Item)));
        if (webhooks.length >= options.limit) break;
      }
      return webhooks.slice(0, options.limit);
    },
  };
}

/** A namespace's webhooks end with it, and their items stay a while: readers do not see them. */
const NOT_DELETED = { ConditionExpression: 'attribute_not_exists(deleted_by)' };

/** Reads all webhooks of a namespace, as they are now, by id. */
export async function readAll(table: Table, namespaceId: number): Promise<Webhook[]> {
  const webhooks: Webhook[] = [];
  const query = { TableName: table.name, ConsistentRead: true, ...between(namespaceId, 0) };
  for await (const page of paginateQuery({ client: table.db }, query)) {
    webhooks.push(...(page.Items ?? []).map((item) => readWebhook(item as Item)));
  }
  return webhooks;
}

async function changeStored(table: Table, seen: Webhook, change: StoredChange): Promise<Changed> {
  const update = { Update: { TableName: table.name, ...updateOf(seen, change) } };
  const after = { ...seen, payloadUrl: change.payloadUrl ?? seen.payloadUrl };
  const [oldKey, newKey] = [urlKey(seen), urlKey(after)];
  if (oldKey.sk === newKey.sk) return (await transact(table, [update])).length === 0 ? 'changed' : 'stale';
  const refused = await transact(table, [
    update,
    {
      Put: {
        TableName: table.name,
        Item: urlItem(after),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
    { Delete: { TableName: table.name, Key: oldKey } },
  ]);
  if (refused.includes(0)) return 'stale';
  return refused.length === 0 ? 'changed' : 'url_taken';
}

async function removeStored(table: Table, seen: Webhook): Promise<boolean> {
  const refused = await transact(table, [
    {
      Delete: {
        TableName: table.name,
        Key: webhookKey(seen.namespaceId, seen.id),
        ConditionExpression: 'payload_url = :seen_url',
        ExpressionAttributeValues: { ':seen_url': seen.payloadUrl },
      },
    },
    { Delete: { TableName: table.name, Key: urlKey(seen) } },
  ]);
  return refused.length === 0;
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

type UrlOwner = Pick<Webhook, 'id' | 'namespaceId' | 'payloadUrl'>;

function urlItem(webhook: UrlOwner): Item {
  return { ...urlKey(webhook), webhook_id: webhook.id };
}

/** Where a webhook's URL stands in the table: once in its namespace. */
export function urlKey({ namespaceId, payloadUrl }: UrlOwner): Key {
  const hash = createHash('sha256').update(canonicalUrl(payloadUrl)).digest('hex');
  return { pk: `NAMESPACE#${namespaceId}`, sk: `URL#${hash}` };
}

/** Sets what is given and removes what is null, where the webhook is as it was seen. */
function updateOf(seen: Webhook, change: StoredChange) {
  const attributes = {
    payload_url: change.payloadUrl,
    ssl: change.ssl,
    active: change.active,
    events: change.events,
    sealed_secret: change.sealedSecret,
  };
  const given = Object.entries({ ...attributes, id: seen.id }).filter(([, value]) => value !== undefined);
  const [set, removed] = [given.filter(([, value]) => value !== null), given.filter(([, value]) => value === null)];
  const sets = `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`;
  const removes = removed.length === 0 ? '' : ` REMOVE ${removed.map(([name]) => `#${name}`).join(', ')}`;
  return {
    Key: webhookKey(seen.namespaceId, seen.id),
    UpdateExpression: `${sets}${removes}`,
    ConditionExpression: `payload_url = :seen_url AND #ssl = :seen_ssl AND ${NOT_DELETED.ConditionExpression}`,
    ExpressionAttributeNames: Object.fromEntries([['#ssl', 'ssl'], ...given.map(([name]) => [`#${name}`, name])]),
    ExpressionAttributeValues: Object.fromEntries([
      [':seen_url', seen.payloadUrl],
      [':seen_ssl', seen.ssl],
      ...set.map(([name, value]) => [`:${name}`, value]),
    ]),
  };
}

function between(namespaceId: number, firstId: number) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: NOT_DELETED.ConditionExpression,
    ExpressionAttributeValues: {
      ':pk': `NAMESPACE#${namespaceId}`,
      ':first': `WEBHOOK#${sortable(firstId)}`,
      ':last': 'WEBHOOK#~',
    },
  };
}
