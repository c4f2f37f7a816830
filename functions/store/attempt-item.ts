import { createHash } from 'node:crypto';
import type { EventType } from '../domain/catalogue.ts';
import type { AttemptConnection } from '../domain/connection.ts';
import {
  type Attempt,
  type AttemptError,
  type AttemptKey,
  type AttemptRequest,
  type AttemptResponse,
  type AttemptSummary,
  type DeliveryStatus,
  isRedelivery,
} from '../domain/delivery.ts';
import { DELIVERY_RETENTION_DAYS, EVENT_RETENTION_DAYS, PAUSE_MAX_DAYS } from '../domain/limits.ts';
import { packWire, unpackWire, WIRE_BODY_MAX_BYTES, type Wire, type WireContext } from './attempt-wire.ts';
import { type Packed, pack, unpack } from './packing.ts';
import type { Item, Key } from './table.ts';

/** The due index is spread over this many partitions: one takes 1,000 writes a second. */
export const DUE_SHARDS = 4;

const DAY_SECONDS = 24 * 60 * 60;
const NUMBER_DIGITS = 4;

/** Where an attempt stands in the table: the attempts of a delivery side by side, the deliveries of a webhook by time. */
export function attemptKey(key: Pick<AttemptKey, 'webhookId' | 'deliveryId' | 'number'>): Key {
  const number = key.number.toString().padStart(NUMBER_DIGITS, '0');
  return { pk: `WEBHOOK#${key.webhookId}`, sk: `DELIVERY#${key.deliveryId}#${number}` };
}

/** The delivery that an attempt's key is of. */
export function deliveryIdIn({ sk }: Pick<Key, 'sk'>): string {
  return sk.split('#', 2)[1] ?? '';
}

/** The value of the due index's partition key for a shard. */
export function dueShard(shard: number): string {
  return `DUE#${shard}`;
}

/** The value of the due index's partition key for the held deliveries of a webhook: they are released together. */
export function heldShard(webhookId: number): string {
  return `HELD#${webhookId}`;
}

/**
 * Writes an attempt as its item. `dueAtMs` is when the `retry` function takes the next attempt in hand, where one is due:
 * later than `nextAttemptAt` where somebody else has undertaken to send it. Of one that is held it says its place in the order.
 */
export function attemptItem(attempt: Attempt, dueAtMs: number | undefined): Item {
  const { response } = attempt;
  const isHeld = attempt.status === 'held';
  const isSmall = response === undefined || response.body.length <= WIRE_BODY_MAX_BYTES;
  return {
    ...attemptKey(attempt),
    v: 1,
    namespace_id: attempt.namespaceId,
    event_id: attempt.eventId,
    event_created_at: attempt.eventCreatedAt,
    event_type: attempt.eventType,
    status: attempt.status,
    first_of_run: isRedelivery(attempt) ? attempt.firstOfRun : undefined,
    test: attempt.isTest || undefined,
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
    wire: wireOf(attempt, isSmall),
    response_status: response?.status,
    response_body: isSmall ? undefined : packed(response.body),
    response_truncated: response?.truncated || undefined,
    error: attempt.error,
    next_attempt_at: attempt.nextAttemptAt,
    ...(dueAtMs === undefined ? {} : { due_shard: shardOf(attempt), due_at: dueAtMs }),
    was_held: isHeld || undefined,
    expires_at: expiryAfter(Date.parse(attempt.startedAt), keptDays(attempt)),
  };
}

/** The value of `expires_at`, in seconds, of what is kept for so many days from a time. */
function expiryAfter(fromMs: number, days: number): number {
  return Math.ceil(fromMs / 1000) + days * DAY_SECONDS;
}

/** When an attempt expires that begins now, in seconds: whatever has ended by now must not be in the log for longer than that. */
export function expiryFrom(nowMs: number): number {
  return expiryAfter(nowMs, DELIVERY_RETENTION_DAYS);
}

/** What is held is kept until it has an end: at the latest that of the first release after its payload is gone. */
function keptDays({ status }: Attempt): number {
  return status === 'held' ? EVENT_RETENTION_DAYS + PAUSE_MAX_DAYS : DELIVERY_RETENTION_DAYS;
}

/** All that went over the wire, the response's body where that is small; undefined of what was not sent. */
function wireOf(attempt: Attempt, isSmall: boolean): Uint8Array | undefined {
  const { request, response, connection } = attempt;
  if (request === undefined) return undefined;
  const responseBody = isSmall ? response?.body : undefined;
  return packWire({ request, connection, responseHeaders: response?.headers, responseBody }, attempt);
}

/** Reads an attempt from its item. */
export function readAttempt(item: Item): Attempt {
  const summary = readSummary(item);
  const wire = readWire(item, summary);
  return { ...summary, request: wire.request, response: readResponse(item, wire), connection: wire.connection };
}

/** The attributes of an item that `readSummary` reads: what went over the wire is most of an item, and unpacking it most of reading one. */
export const SUMMARY_ATTRIBUTES = [
  'pk',
  'sk',
  'namespace_id',
  'event_id',
  'event_created_at',
  'event_type',
  'first_of_run',
  'test',
  'status',
  'started_at',
  'duration_ms',
  'response_status',
  'error',
  'next_attempt_at',
] as const;

/** Reads an attempt, but for what was sent and answered, from its item. */
export function readSummary(item: Item): AttemptSummary {
  const status = item['response_status'];
  return {
    ...readAttemptKey(item),
    status: item['status'] as DeliveryStatus,
    startedAt: String(item['started_at']),
    durationMs: Number(item['duration_ms']),
    response: status === undefined ? undefined : { status: Number(status) },
    error: item['error'] as AttemptError | undefined,
    nextAttemptAt: item['next_attempt_at'] as string | undefined,
  };
}

/** Reads which attempt an item is, from the item or from its shadow in the due index. */
export function readAttemptKey(item: Item): AttemptKey {
  const [, deliveryId = '', number = ''] = item.sk.split('#', 3);
  return {
    deliveryId,
    webhookId: Number(item.pk.split('#', 2)[1]),
    namespaceId: Number(item['namespace_id']),
    eventId: String(item['event_id']),
    eventCreatedAt: String(item['event_created_at']),
    eventType: item['event_type'] as EventType,
    number: Number(number),
    firstOfRun: Number(item['first_of_run'] ?? 1),
    ...(item['test'] === true ? { isTest: true } : {}),
  };
}

/** One attribute for encoding and data: `br` or `identity`, then the bytes. */
type PackedAttribute = { readonly e: Packed['encoding']; readonly d: Uint8Array };

function packed(bytes: Uint8Array): PackedAttribute {
  const { encoding, data } = pack(bytes);
  return { e: encoding, d: data };
}

function unpacked(attribute: unknown): Uint8Array {
  const { e, d } = attribute as PackedAttribute;
  return unpack({ encoding: e, data: d });
}

/** What went over the wire; of the first releases, which wrote heads and connection each by itself, too. */
function readWire(item: Item, context: WireContext): Wire {
  const wire = item['wire'] as Uint8Array | undefined;
  if (wire !== undefined) return unpackWire(wire, context);
  const connection = item['connection'] as AttemptConnection | undefined;
  if (item['heads'] === undefined) return { connection };
  const heads = JSON.parse(Buffer.from(unpacked(item['heads'])).toString('utf8')) as OldHeads;
  return { connection, request: heads.request, responseHeaders: heads.response_headers };
}

type OldHeads = { readonly request?: AttemptRequest; readonly response_headers?: AttemptResponse['headers'] };

function readResponse(item: Item, { responseHeaders = [], responseBody }: Wire): AttemptResponse | undefined {
  if (item['response_status'] === undefined) return undefined;
  return {
    status: Number(item['response_status']),
    headers: responseHeaders,
    body: item['response_body'] === undefined ? (responseBody ?? new Uint8Array()) : unpacked(item['response_body']),
    truncated: item['response_truncated'] === true,
  };
}

function shardOf({ status, webhookId, deliveryId }: Attempt): string {
  if (status === 'held') return heldShard(webhookId);
  return dueShard(createHash('sha256').update(deliveryId).digest().readUInt8(0) % DUE_SHARDS);
}
