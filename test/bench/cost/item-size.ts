/**
 * Bytes that an item counts for, by the rules of DynamoDB's documentation ("Item sizes and formats"): names and texts as UTF-8, numbers
 * by their digits, and so on. 400 KB is the most.
 */
export function itemBytes(item: Readonly<Record<string, unknown>>): number {
  return membersBytes(item);
}

/** What each item takes of storage beside its own bytes. */
export const STORAGE_OVERHEAD_BYTES = 100;

const CONTAINER_BYTES = 3;

function membersBytes(members: Readonly<Record<string, unknown>>): number {
  const sizes = Object.entries(members).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberBytes(value);
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'boolean' || value === null) return 1;
  if (value instanceof Set) return CONTAINER_BYTES + [...value].reduce<number>((sum, one) => sum + valueBytes(one), 0);
  if (Array.isArray(value)) return CONTAINER_BYTES + value.reduce<number>((sum, one) => sum + 1 + valueBytes(one), 0);
  const members = value as Readonly<Record<string, unknown>>;
  return CONTAINER_BYTES + Object.keys(members).length + membersBytes(members);
}

/** A byte for each two significant digits, and one more; one more still where it is negative. */
function numberBytes(value: number): number {
  const digits = Math.abs(value).toString().replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}
