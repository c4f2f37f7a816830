import { createHash } from 'node:crypto';

/** The source of a regular expression that matches a UUID of any version (RFC 9562), in lower case. */
export const UUID_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const UUID = new RegExp(`^${UUID_PATTERN}$`);

/** A UUID of any version (RFC 9562), in lower case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The lowest UUIDv7 of a millisecond: ids of deliveries sort after it from then on. `ms` is 0 to 2^48 - 1. */
export function firstIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** The milliseconds of a UUIDv7. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The id right before another one, or right behind it, in the order of ids. There is nothing between the two. */
export function idBeside(id: string, step: 1 | -1): string {
  const beside = BigInt(`0x${id.replaceAll('-', '')}`) + BigInt(step);
  return hyphenated(beside.toString(16).padStart(32, '0'));
}

/** A UUIDv7 of a millisecond, whose remaining bits are those of a random UUID (version 4). */
export function sortableId(ms: number, randomId: string): string {
  return firstIdAt(ms).slice(0, 15) + randomId.slice(15);
}

/**
 * The id of the delivery of one event to one webhook: a UUIDv7 (RFC 9562, section 5.7) whose time is the event's and
 * whose remaining 74 bits are a hash of event and webhook. So it sorts by time, and whoever derives it, however often,
 * gets the same one: fan-out may be done twice without a delivery being made twice.
 */
export function deliveryId(event: { readonly id: string; readonly createdAt: string }, webhookId: number): string {
  const bytes = createHash('sha256').update(`${event.id}\n${event.createdAt}\n${webhookId}`).digest().subarray(0, 16);
  bytes.writeUIntBE(Date.parse(event.createdAt), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return hyphenated(bytes.toString('hex'));
}

function hyphenated(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
