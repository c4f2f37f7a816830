import { jsonEncodings } from './json-encodings.ts';
import { REENCODED_BODY_MAX_BYTES } from './limits.ts';
import { standardKey } from './signature.ts';
import { type Finding, type FindingName, finding } from './signature-findings.ts';

/** Which header a signature is like: that of Djinn CI, over the body alone, or that of Standard Webhooks. */
export type Target = 'djinn' | 'standard';

/** What somebody's code may have signed; right where nothing is found of it. */
export type Content = {
  readonly target: Target;
  readonly parts: readonly Uint8Array[];
  readonly finding?: Finding | undefined;
};

/** What it may have signed it with. */
export type Key = { readonly bytes: Buffer; readonly finding?: FindingName | undefined };

/** As much of an attempt as is signed: its body, and the values of `webhook-id` and `webhook-timestamp`. */
export type Signed = { readonly body: Uint8Array; readonly id: string; readonly timestamp: string };

/** What may have been signed: what was right for both headers first, then what is often mistaken for it. */
export function* contentsOf({ body, id, timestamp }: Signed): Generator<Content> {
  const head = Buffer.from(`${id}.${timestamp}.`);
  yield { target: 'djinn', parts: [body] };
  yield { target: 'standard', parts: [head, body] };
  yield { target: 'standard', parts: [Buffer.from(`${timestamp}.`), body], finding: finding('timestamp_alone') };
  const inMs = Buffer.from(`${id}.${timestamp}000.`);
  yield { target: 'standard', parts: [inMs, body], finding: finding('timestamp_in_ms') };
  for (const [found, bytes] of bodiesInsteadOf(body)) {
    yield { target: 'djinn', parts: [bytes], finding: found };
    yield { target: 'standard', parts: [head, bytes], finding: found };
  }
}

function* bodiesInsteadOf(body: Uint8Array): Generator<readonly [Finding, Uint8Array]> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  yield [finding('empty_body'), Buffer.alloc(0)];
  yield [finding('object_text'), Buffer.from('[object Object]')];
  yield [finding('newline_added'), Buffer.concat([bytes, Buffer.from('\n')])];
  yield [finding('newline_added'), Buffer.concat([bytes, Buffer.from('\r\n')])];
  yield [finding('base64_body'), Buffer.from(bytes.toString('base64'))];
  yield [finding('latin1_body'), Buffer.from(bytes.toString('latin1'), 'utf8')];
  const text = bytes.toString('utf8');
  yield [finding('space_removed'), Buffer.from(text.trim())];
  yield [finding('quoted_body'), Buffer.from(JSON.stringify(text))];
  if (bytes.length > REENCODED_BODY_MAX_BYTES) return;
  for (const encoding of jsonEncodings(text)) {
    yield [finding('reencoded', `It is right for the body as ${encoding.by}.`), Buffer.from(encoding.text)];
  }
}

/** What a secret may have been taken for, the right key first. */
export function keysOf(secret: string, target: Target): readonly Key[] {
  const right = target === 'standard' ? standardKey(secret) : Buffer.from(secret, 'utf8');
  const rest = /^whsec_(.+)$/s.exec(secret)?.[1];
  const others: readonly (readonly [FindingName, Buffer])[] = [
    ...(secret === secret.trim() ? [] : ([['trimmed_secret', Buffer.from(secret.trim())]] as const)),
    ['newline_secret', Buffer.from(`${secret}\n`)],
    ['newline_secret', Buffer.from(`${secret}\r\n`)],
    ['quoted_secret', Buffer.from(`"${secret}"`)],
    ['quoted_secret', Buffer.from(`'${secret}'`)],
    ...(rest === undefined
      ? []
      : ([
          ['whsec_kept', Buffer.from(secret)],
          ['whsec_removed', Buffer.from(rest)],
          ['whsec_decoded', Buffer.from(rest, 'base64')],
        ] as const)),
    ['base64_decoded_secret', Buffer.from(secret, 'base64')],
    ['base64_encoded_secret', Buffer.from(Buffer.from(secret).toString('base64'))],
    ...(/^(?:[0-9a-f]{2})+$/i.test(secret) ? ([['hex_decoded_secret', Buffer.from(secret, 'hex')]] as const) : []),
  ];
  const wrong = others.filter(([, bytes]) => bytes.length > 0 && !bytes.equals(right));
  return [{ bytes: right }, ...wrong.map(([name, bytes]) => ({ bytes, finding: name }))];
}

/** Keys that come of a secret which is not there. */
export const MISSING_KEYS: readonly Key[] = [
  { bytes: Buffer.alloc(0), finding: 'empty_secret' },
  ...['undefined', 'null', 'None'].map((word): Key => ({ bytes: Buffer.from(word), finding: 'undefined_secret' })),
];
