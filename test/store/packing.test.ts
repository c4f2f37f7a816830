import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { pack, unpack } from '../../functions/store/packing.ts';

describe('packed bytes', () => {
  it('are unpacked as they were, and are never more', () => {
    const compressible = fc.tuple(fc.string(), fc.nat(500)).map(([text, times]) => Buffer.from(text.repeat(times)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), compressible), (bytes) => {
        const packed = pack(bytes);
        expect(Buffer.from(unpack(packed))).toEqual(Buffer.from(bytes));
        expect(packed.data.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it.each(EVENT_TYPES)('of a payload are fewer: %s', (type) => {
    const bytes = Buffer.from(JSON.stringify(CATALOGUE[type].sample));
    const { encoding, data } = pack(bytes);
    expect(encoding).toBe('br');
    expect(data.length).toBeLessThan(bytes.length * 0.6);
  });

  it.each([[[]], [[0]], [[0xff, 0x00, 0x80]]])('of %j are as they were: compression would only add', (bytes) => {
    expect(pack(Uint8Array.from(bytes))).toEqual({ encoding: 'identity', data: Uint8Array.from(bytes) });
  });

  it('may come back from the table as another kind of byte array', () => {
    const text = 'x'.repeat(1000);
    const { encoding, data } = pack(Buffer.from(text));
    expect(Buffer.from(unpack({ encoding, data: Uint8Array.from(data) })).toString()).toBe(text);
  });

  it('that are none of ours are not taken for anything', () => {
    expect(() => unpack({ encoding: 'br', data: Buffer.from('no brotli') })).toThrow();
  });
});
