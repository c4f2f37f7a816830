import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Attempt, AttemptKey, AttemptRequest, AttemptResponse } from '../domain/delivery.ts';

/** What went over the wire in an attempt, and what is known of its connection. */
export type Wire = Pick<Attempt, 'request' | 'connection'> & {
  readonly responseHeaders?: AttemptResponse['headers'] | undefined;
  /** Only where it is small: a larger one is an attribute of its own. */
  readonly responseBody?: Uint8Array | undefined;
};

/** What the item says elsewhere, and the request says again. */
export type WireContext = Pick<AttemptKey, 'webhookId' | 'deliveryId' | 'eventType'> & { readonly startedAt: string };

/** Bytes of a response's body that are packed with the heads: from here on Brotli, without a dictionary, is as good. */
export const WIRE_BODY_MAX_BYTES = 1024;

const VERSION = 1;
const NEWLINE = 10;
/** The window holds the dictionary and what refers to it; larger tables than these are no use, and clearing them takes longer than packing. */
const PACKING = { level: 9, windowBits: 13, memLevel: 5 } as const;

/**
 * What most attempts have in common, for DEFLATE to refer to: with it an item of a small reply is nearly half as large, and a failed one
 * stays well below the kilobyte that DynamoDB bills. Never changed: what was packed with it is unpacked with it. Another one is another version.
 */
const COMMON = [
  '"x-amzn-requestid","x-powered-by","Express"],["x-cache","via","1.1 varnish"],["age","0"],["alt-svc","h3=\\":443\\"; ma=86400"],',
  '["set-cookie","; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age="],["location","https://"],["retry-after","120"],["allow","GET, POST"],',
  '["cf-cache-status","DYNAMIC"],["cf-ray","server","cloudflare"],["server","Apache"],["server","gunicorn"],["server","nginx/1.',
  '["x-ratelimit-limit","x-ratelimit-remaining","x-runtime","0.0"],["content-security-policy","default-src \'none\'; frame-ancestors \'self\'"],',
  '["referrer-policy","strict-origin-when-cross-origin"],["permissions-policy","x-xss-protection","1; mode=block"],["x-frame-options","DENY"],',
  '["x-content-type-options","nosniff"],["access-control-allow-origin","*"],["cache-control","private, max-age=0, no-cache, no-store, must-revalidate"],',
  '["pragma","no-cache"],["expires","0"],["etag","W/\\""],["vary","Accept-Encoding, Origin"],["keep-alive","timeout=5"],["transfer-encoding","chunked"],',
  '["x-request-id","strict-transport-security","max-age=31536000; includeSubDomains; preload"],["content-type","text/html; charset=utf-8"],',
  '["content-type","text/plain; charset=utf-8"],["connection","keep-alive"],["connection","close"],["content-length","0"],["server","nginx"],["date","',
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon, Tue, Wed, Thu, Fri, Sat, Sun, 20:00 GMT"],["content-type","application/json; charset=utf-8"]',
  '],"connection":{"remoteAddress":"","dnsMs":,"connectMs":,"tlsMs":,"certificateExpiresAt":"20T23:59:59.000Z","firstByteMs":,"httpVersion":"1.1"}}\n',
  '{"message":"","status":"success","error":"Internal Server Error","ok":true}ok<!DOCTYPE html><html><head><title></title></head><body><h1>',
  '/webhooks/services/hooks.www.ci.api.com.org.net.io',
].join('');

/** Packs what went over the wire: the version's byte, then DEFLATE (RFC 1951) of JSON, a line break and the body. */
export function packWire(wire: Wire, context: WireContext): Uint8Array {
  const { request, connection, responseHeaders, responseBody = new Uint8Array() } = wire;
  const head = JSON.stringify({ request, responseHeaders, connection });
  const bytes = Buffer.concat([Buffer.from(head), Buffer.from([NEWLINE]), responseBody]);
  const packed = deflateRawSync(bytes, { ...PACKING, dictionary: dictionary(context) });
  return Buffer.concat([Buffer.from([VERSION]), packed]);
}

/** Unpacks what `packWire` packed. Throws where that is of a version of after this one. */
export function unpackWire(packed: Uint8Array, context: WireContext): Wire {
  if (packed[0] !== VERSION) throw new Error(`An attempt was packed by a later release: version ${packed[0]}`);
  const bytes = inflateRawSync(packed.subarray(1), { dictionary: dictionary(context) });
  // JSON on one line has no line break.
  const end = bytes.indexOf(NEWLINE);
  const head = JSON.parse(bytes.subarray(0, end).toString('utf8')) as Omit<Wire, 'responseBody'>;
  return { ...head, responseBody: new Uint8Array(bytes.subarray(end + 1)) };
}

/** What is common to all, then what this attempt's request probably is: nearest to what refers to it. */
export function dictionary({ webhookId, deliveryId, eventType, startedAt }: WireContext): Buffer {
  const request: AttemptRequest = {
    url: 'https://',
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Accept', '*/*'],
      ['Accept-Encoding', 'identity'],
      ['User-Agent', 'Djinn-CI-Hook'],
      ['X-Djinn-CI-Event', eventType],
      ['X-Djinn-CI-Hook-ID', webhookId.toString()],
      ['X-Djinn-CI-Delivery', deliveryId],
      ['X-Djinn-CI-Signature', 'sha256='],
      ['webhook-id', deliveryId],
      ['webhook-timestamp', Math.floor(Date.parse(startedAt) / 1000).toString()],
      ['webhook-signature', 'v1,='],
    ],
  };
  return Buffer.from(`${COMMON}${JSON.stringify({ request, responseHeaders: [] })}`);
}
