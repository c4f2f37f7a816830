import { readSummary } from '../../functions/store/attempt-item.ts';
import { unpackWire } from '../../functions/store/attempt-wire.ts';
import { type Packed, unpack } from '../../functions/store/packing.ts';
import type { Item } from '../../functions/store/table.ts';

/** All bytes of an item of the table as text: packed ones unpacked, for what is compressed is not found by looking. */
export function textOf(item: Item): string {
  const text = (value: unknown, name: string, around: object): string => {
    if (value instanceof Uint8Array)
      return `${Buffer.from(value).toString('latin1')}\n${unpacked(value, name, { around, item })}`;
    if (value instanceof Set) return [...value].join('\n');
    if (typeof value !== 'object' || value === null) return String(value);
    return Object.entries(value)
      .map(([key, one]) => `${key} ${text(one, key, value)}`)
      .join('\n');
  };
  return text(item, '', item);
}

/** Unpacks by what the product reads with. Bytes that nothing here knows how to read would be looked into in vain. */
function unpacked(data: Uint8Array, name: string, { around, item }: { around: object; item: Item }): string {
  if (name === 'wire') {
    const { responseBody = new Uint8Array(), ...head } = unpackWire(data, readSummary(item));
    return `${JSON.stringify(head)}\n${Buffer.from(responseBody).toString('latin1')}`;
  }
  const { e, encoding = e } = around as { readonly e?: Packed['encoding']; readonly encoding?: Packed['encoding'] };
  if (encoding === undefined) throw new Error(`${item.pk} ${item.sk} has bytes that nobody unpacks: ${name}`);
  return Buffer.from(unpack({ encoding, data })).toString('latin1');
}
