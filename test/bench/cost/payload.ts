import { createHash } from 'node:crypto';
import { CATALOGUE } from '../../../functions/domain/catalogue.ts';

const PAYLOAD_BYTES = 2_048;
export const PAYLOAD_TYPE = 'build.finished' as const;

/** The JSON of the `nth` build's end, of 2,048 bytes: the catalogue's sample with numbers of its own, its output and manifest cut to fit. */
export function payload(nth: number): string {
  const { sample } = CATALOGUE[PAYLOAD_TYPE];
  const { manifest, trigger } = sample as unknown as { manifest: string; trigger: { data: object } };
  const commit = createHash('sha1').update(nth.toString()).digest('hex');
  const of = (text: string) =>
    JSON.stringify({
      ...sample,
      id: 48_000 + nth,
      number: 1_000 + nth,
      trigger: { ...trigger, data: { ...trigger.data, id: commit } },
      manifest: text,
      output: 'Done. Job passed\n',
    });
  const lengths = Array.from({ length: manifest.length + 1 }, (_, length) => length);
  const texts = lengths.map((length) => of(manifest.slice(0, length)));
  const fitting = texts.findLast((text) => Buffer.byteLength(text) <= PAYLOAD_BYTES) ?? '';
  if (fitting === '') throw new Error(`The sample does not fit into ${PAYLOAD_BYTES} bytes`);
  return fitting.padEnd(PAYLOAD_BYTES);
}

/** The id of the `nth` event: the same in every run. */
export function eventId(nth: number): string {
  const hex = createHash('sha256').update(`event ${nth}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
