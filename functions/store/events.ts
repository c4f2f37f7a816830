import { createHash } from 'node:crypto';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { EventType } from '../domain/catalogue.ts';
import type { CiEvent } from '../domain/event.ts';
import { EVENT_RETENTION_DAYS } from '../domain/limits.ts';
import type { Verdict } from '../domain/webhook.ts';
import { sleepWithJitter } from './backoff.ts';
import { type Packed, pack, unpack } from './packing.ts';
import { getAll, type Insertion, type Item, insertAll, type Key, keyText, type Table } from './table.ts';

/** The ids of the namespace's webhooks by the verdict on them. */
export type Verdicts = Readonly<Partial<Record<Verdict, readonly number[]>>>;

/** An event of a namespace, as ingest opens it. */
export type EventRecord = {
  readonly event: CiEvent & { readonly namespaceId: number };
  readonly verdicts: Verdicts;
  readonly receivedAt: string;
  /** The id of the message that brought it. */
  readonly openedBy: string;
};

/** What an event's item says of how it was opened. */
export type Opening = Pick<EventRecord, 'openedBy' | 'receivedAt'> & { readonly sentTo: readonly number[] };

/** What names an event in the table. */
export type EventKey = { readonly namespaceId: number; readonly createdAt: string; readonly id: string };

/** An event, as deliver needs it. */
export type StoredEvent = EventKey & { readonly type: EventType; readonly payload: Uint8Array };

export type EventStore = ReturnType<typeof eventStore>;

/** Bytes of payload in one item: DynamoDB takes 400 KB, names and the verdicts on 10,000 webhooks included. */
const PART_BYTES = 300 * 1024;
const DAY_SECONDS = 24 * 60 * 60;
const UNPROCESSED_TRIES = 8;

/** The events of all namespaces, each with its payload and the verdict on every webhook. */
export function eventStore(table: Table) {
  return {
    /**
     * Writes events, each only where it is new; answers in their order. `exists` is an event that came before: its
     * first payload and verdicts stand.
     */
    async open(records: readonly EventRecord[]): Promise<Insertion[]> {
      const packed = records.map((record) => ({ record, ...split(pack(Buffer.from(record.event.payload, 'utf8'))) }));
      await putParts(
        table,
        packed.flatMap(({ record, digest, parts }) => partItems(record, digest, parts)),
      );
      return insertAll(
        table,
        packed.map(({ record, inline, digest, parts }) => eventItem(record, { inline, digest, parts })),
      );
    },

    /** How an event was opened; undefined where there is none. */
    async opening(key: EventKey): Promise<Opening | undefined> {
      const [item] = await getAll(table, [eventKey(key)], { consistent: true });
      return (
        item && {
          openedBy: String(item['opened_by']),
          receivedAt: String(item['received_at']),
          sentTo: (item['verdicts'] as Verdicts).sent ?? [],
        }
      );
    },

    /** The payload of an event, as its producer wrote it; undefined where it is no longer kept. */
    async payload(key: EventKey): Promise<Uint8Array | undefined> {
      const [event] = await readEvents(table, await getAll(table, [eventKey(key)]));
      return event?.payload;
    },
  };
}

/** Where an event stands in the table. */
export function eventKey(event: EventKey): Key {
  return { pk: `NAMESPACE#${event.namespaceId}#EVENTS`, sk: `${event.createdAt}#${event.id}` };
}

/** Reads events from their items, fetching the parts of the large ones. */
export async function readEvents(table: Table, items: readonly Item[]): Promise<StoredEvent[]> {
  const parts = await getAll(table, items.flatMap(partKeys), { consistent: true });
  const byKey = new Map(parts.map((part) => [keyText(part), part['data'] as Uint8Array]));
  return items.map((item) => {
    const chunks = partKeys(item).map((key) => byKey.get(keyText(key)) ?? missingPart(key));
    const data = chunks.length === 0 ? (item['payload'] as Uint8Array) : Buffer.concat(chunks);
    const [createdAt = '', id = ''] = item.sk.split('#', 2);
    return {
      namespaceId: Number(item.pk.split('#', 2)[1]),
      createdAt,
      id,
      type: item['type'] as EventType,
      payload: unpack({ encoding: item['encoding'] as Packed['encoding'], data }),
    };
  });
}

type Split = { readonly inline: Packed; readonly digest: string; readonly parts: readonly Uint8Array[] };

/** A payload that fits goes into the event's own item; a larger one into parts, named by their content's digest. */
function split(packed: Packed): Split {
  if (packed.data.length <= PART_BYTES) return { inline: packed, digest: '', parts: [] };
  const parts: Uint8Array[] = [];
  for (let at = 0; at < packed.data.length; at += PART_BYTES) parts.push(packed.data.subarray(at, at + PART_BYTES));
  // Named by content, so that a second event under the same id, with another payload, cannot overwrite the first one's.
  const digest = createHash('sha256').update(packed.data).digest('hex').slice(0, 16);
  return { inline: { encoding: packed.encoding, data: new Uint8Array() }, digest, parts };
}

function eventItem({ event, verdicts, receivedAt, openedBy }: EventRecord, { inline, digest, parts }: Split): Item {
  return {
    ...eventKey(event),
    v: 1,
    type: event.type,
    encoding: inline.encoding,
    ...(parts.length === 0 ? { payload: inline.data } : { part_count: parts.length, part_digest: digest }),
    payload_bytes: Buffer.byteLength(event.payload, 'utf8'),
    verdicts,
    off_catalogue: event.offCatalogue,
    received_at: receivedAt,
    opened_by: openedBy,
    expires_at: expiry(receivedAt),
  };
}

function partItems(record: EventRecord, digest: string, parts: readonly Uint8Array[]): Item[] {
  const { pk, sk } = eventKey(record.event);
  return parts.map((data, index) => ({
    ...partKey({ pk, sk }, digest, index),
    data,
    expires_at: expiry(record.receivedAt),
  }));
}

function partKeys(item: Item): Key[] {
  const count = Number(item['part_count'] ?? 0);
  return Array.from({ length: count }, (_, index) => partKey(item, String(item['part_digest']), index));
}

/** Under a partition of their own, so that a page of events reads none of them. */
function partKey(event: Key, digest: string, index: number): Key {
  return { pk: event.pk.replace(/#EVENTS$/, '#PARTS'), sk: `${event.sk}#${digest}#${index}` };
}

function missingPart(key: Key): never {
  throw new Error(`A part of a payload is missing: ${key.pk} ${key.sk}`);
}

function expiry(receivedAt: string): number {
  return Math.ceil(Date.parse(receivedAt) / 1000) + EVENT_RETENTION_DAYS * DAY_SECONDS;
}

/** Parts need no condition: their keys say what they hold. */
async function putParts(table: Table, items: readonly Item[]): Promise<void> {
  for (let from = 0; from < items.length; from += 25) {
    let requests = items.slice(from, from + 25).map((item) => ({ PutRequest: { Item: item } }));
    for (let tried = 0; requests.length > 0; tried++) {
      if (tried >= UNPROCESSED_TRIES) throw new Error('DynamoDB left parts of a payload unwritten');
      if (tried > 0) await sleepWithJitter(tried);
      const { UnprocessedItems } = await table.db.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: requests } }),
      );
      requests = (UnprocessedItems?.[table.name] ?? []) as typeof requests;
    }
  }
}
