import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** Bytes as they are stored: compressed where that makes them smaller (DynamoDB bills by the started kilobyte). */
export type Packed = { readonly encoding: 'br' | 'identity'; readonly data: Uint8Array };

/** Beyond this quality a payload of 2 KB gets less than 1 % smaller, and slower by the millisecond. */
const QUALITY = 5;

/** Packs bytes for the table. */
export function pack(bytes: Uint8Array): Packed {
  const compressed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  return compressed.length < bytes.length
    ? { encoding: 'br', data: compressed }
    : { encoding: 'identity', data: bytes };
}

/** The bytes that were packed. */
export function unpack(packed: Packed): Uint8Array {
  return packed.encoding === 'br' ? brotliDecompressSync(packed.data) : packed.data;
}
