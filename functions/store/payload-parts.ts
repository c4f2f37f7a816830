import { createHash } from 'node:crypto';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { sleepWithJitter } from './backoff.ts';
import { type Packed, unpack } from './packing.ts';
import { getAll, type Item, type Key, keyText, type Table } from './table.ts';

/** Bytes of payload in one item: DynamoDB takes 400 KB, names and the verdicts on 10,000 webhooks included. */
const PART_BYTES = 300 * 1024;
const ITEMS_PER_BATCH = 25;
const UNPROCESSED_TRIES = 8;

/** A packed payload as it is stored: in its event's own item or, where it is too large, in parts beside it. */
export type SplitPayload = { readonly inline: Packed; readonly digest: string; readonly parts: readonly Uint8Array[] };

/** Splits a payload where it must be. */
export function splitPayload(packed: Packed): SplitPayload {
  if (packed.data.length <= PART_BYTES) return { inline: packed, digest: '', parts: [] };
  const parts: Uint8Array[] = [];
  for (let at = 0; at < packed.data.length; at += PART_BYTES) parts.push(packed.data.subarray(at, at + PART_BYTES));
  // Named by content, so that a second event under the same id, with another payload, cannot overwrite the first one's.
  const digest = createHash('sha256').update(packed.data).digest('hex').slice(0, 16);
  return { inline: { encoding: packed.encoding, data: new Uint8Array() }, digest, parts };
}

/** The attributes that say of an event's item where its payload is. */
export function payloadAttributes({ inline, digest, parts }: SplitPayload) {
  const at = parts.length === 0 ? { payload: inline.data } : { part_count: parts.length, part_digest: digest };
  return { encoding: inline.encoding, ...at };
}

/** The items of the parts of an event's payload; none for most. */
export function partItems(event: Key, { digest, parts }: SplitPayload, expiresAt: number): Item[] {
  return parts.map((data, index) => ({ ...partKey(event, digest, index), data, expires_at: expiresAt }));
}

/** Writes parts. They need no condition: their keys say what they hold. */
export async function putParts(table: Table, items: readonly Item[]): Promise<void> {
  for (let from = 0; from < items.length; from += ITEMS_PER_BATCH) {
    let requests = items.slice(from, from + ITEMS_PER_BATCH).map((item) => ({ PutRequest: { Item: item } }));
    for (let tried = 0; requests.length > 0; tried++) {
      if (tried >= UNPROCESSED_TRIES) throw new Error('DynamoDB left parts of a payload unwritten');
      if (tried > 0) await sleepWithJitter(table, tried);
      const { UnprocessedItems } = await table.db.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: requests } }),
      );
      requests = (UnprocessedItems?.[table.name] ?? []) as typeof requests;
    }
  }
}

/**
 * The payloads of events, from their items and the parts beside them, in the order of `items`; undefined where a part is gone: they expire
 * with the event, but each when DynamoDB comes to it.
 */
export async function readPayloads(table: Table, items: readonly Item[]): Promise<(Uint8Array | undefined)[]> {
  const parts = await getAll(table, items.flatMap(partKeys), { consistent: true });
  const byKey = new Map(parts.map((part) => [keyText(part), part['data'] as Uint8Array]));
  return items.map((item) => {
    const keys = partKeys(item);
    const chunks = keys.flatMap((key) => byKey.get(keyText(key)) ?? []);
    if (chunks.length < keys.length) return undefined;
    const data = chunks.length === 0 ? (item['payload'] as Uint8Array) : Buffer.concat(chunks);
    return unpack({ encoding: item['encoding'] as Packed['encoding'], data });
  });
}

/** The payload of an event that has it in its own item; undefined where it is in parts. */
export function inlinePayload(item: Item): Uint8Array | undefined {
  if (item['payload'] === undefined) return undefined;
  return unpack({ encoding: item['encoding'] as Packed['encoding'], data: item['payload'] as Uint8Array });
}

function partKeys(item: Item): Key[] {
  const count = Number(item['part_count'] ?? 0);
  return Array.from({ length: count }, (_, index) => partKey(item, String(item['part_digest']), index));
}

/** Under a partition of their own, so that a page of events reads none of them. */
function partKey(event: Key, digest: string, index: number): Key {
  return { pk: event.pk.replace(/#EVENTS$/, '#PARTS'), sk: `${event.sk}#${digest}#${index}` };
}
