import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../domain/limits.ts';
import { type Neighbours, type PageRequest, pageOf } from '../domain/page.ts';
import type { Webhook } from '../domain/webhook.ts';
import { namespaceKey } from './namespace-item.ts';
import { type Item, nextNumber, sortable, type Table } from './table.ts';
import { transact } from './transact.ts';
import { countOneLess, countOneMore, webhookCount } from './webhook-count.ts';
import { readWebhook, urlItem, urlKey, webhookItem, webhookKey } from './webhook-item.ts';
import { NOT_DELETED, type StoredChange, updateOf } from './webhook-update.ts';

type Added = 'added' | 'url_taken' | 'full' | 'gone';
type Changed = 'changed' | 'url_taken' | 'stale';

export type WebhookStore = ReturnType<typeof webhookStore>;

/** The webhooks of all namespaces. */
export function webhookStore(table: Table) {
  return {
    /** A new webhook's id: never given twice, whatever becomes of the webhook. */
    nextId: (): Promise<number> => nextNumber(table, 'WEBHOOK'),

    /**
     * Adds a webhook; `url_taken` where its namespace has one with the same payload URL, `full` where it has 100, `gone` where it is
     * deleted.
     */
    add: (webhook: Webhook): Promise<Added> => addNew(table, webhook),

    /**
     * Changes what `change` names of a webhook that is as `seen`. `stale` where its URL, its `ssl` or, for a change of the secret or of
     * `active`, that is another by now, or it is gone: what was checked of them no longer holds.
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

    /** A page of a namespace's webhooks, by id; positions are ids. */
    async page(namespaceId: number, page: PageRequest): Promise<{ readonly rows: Webhook[] } & Neighbours> {
      const range = { TableName: table.name, Limit: page.limit + 1, ...inPage(namespaceId, page) };
      const webhooks: Webhook[] = [];
      for await (const { Items = [] } of paginateQuery({ client: table.db }, range)) {
        webhooks.push(...Items.map((item) => readWebhook(item as Item)));
        if (webhooks.length > page.limit) break;
      }
      return pageOf(page, webhooks, ({ id }) => id.toString());
    },
  };
}

/** Reads all webhooks of a namespace, as they are now, by id. */
export async function readAll(table: Table, namespaceId: number): Promise<Webhook[]> {
  const webhooks: Webhook[] = [];
  const query = { TableName: table.name, ConsistentRead: true, ...between(namespaceId, FIRST_ID, LAST_ID) };
  for await (const page of paginateQuery({ client: table.db }, query)) {
    webhooks.push(...(page.Items ?? []).map((item) => readWebhook(item as Item)));
  }
  return webhooks;
}

async function addNew(table: Table, webhook: Webhook): Promise<Added> {
  const isNew = { TableName: table.name, ConditionExpression: 'attribute_not_exists(pk)' };
  const refused = await transact(table, [
    { Put: { ...isNew, Item: webhookItem(webhook) } },
    { Put: { ...isNew, Item: urlItem(webhook) } },
    countOneMore(table, webhook.namespaceId),
    { ConditionCheck: { TableName: table.name, Key: namespaceKey(webhook.namespaceId), ...NOT_DELETED } },
  ]);
  if (refused.length === 0) return 'added';
  if (refused.includes(3)) return 'gone';
  if (refused.some((position) => position < 2)) return 'url_taken';
  // There was no count yet, or there was no room: by now there may be.
  const count = await webhookCount(table, webhook.namespaceId);
  return count < WEBHOOKS_PER_NAMESPACE_MAX ? addNew(table, webhook) : 'full';
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
        ConditionExpression: 'payload_url = :seen_url AND attribute_not_exists(deleted_by)',
        ExpressionAttributeValues: { ':seen_url': seen.payloadUrl },
      },
    },
    { Delete: { TableName: table.name, Key: urlKey(seen) } },
    countOneLess(table, seen.namespaceId),
  ]);
  if (refused.length === 0) return true;
  if (refused.includes(0)) return false;
  await webhookCount(table, seen.namespaceId);
  return removeStored(table, seen);
}

const FIRST_ID = 1;
const LAST_ID = Number.MAX_SAFE_INTEGER;

function inPage(namespaceId: number, { cursor }: PageRequest) {
  const position = Number(cursor?.position);
  if (cursor?.direction === 'upto') return { ...between(namespaceId, FIRST_ID, position), ScanIndexForward: false };
  return between(namespaceId, cursor === undefined ? FIRST_ID : position + 1, LAST_ID);
}

function between(namespaceId: number, firstId: number, lastId: number) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: NOT_DELETED.ConditionExpression,
    ExpressionAttributeValues: {
      ':pk': `NAMESPACE#${namespaceId}`,
      ':first': `WEBHOOK#${sortable(firstId)}`,
      ':last': `WEBHOOK#${sortable(lastId)}`,
    },
  };
}
