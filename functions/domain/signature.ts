import { createHmac, createSecretKey, type Hmac, timingSafeEqual } from 'node:crypto';

/** What is signed: the delivery's id, the exact bytes of the body, and when this attempt is made. */
export type SignedContent = {
  readonly deliveryId: string;
  readonly timestampSeconds: number;
  readonly body: Uint8Array;
};

/** The value of `X-Djinn-CI-Signature`: `sha256=` and the lower-case hex HMAC-SHA256 of the body's bytes. */
export function djinnSignature(secret: string, body: Uint8Array): string {
  return `sha256=${hmac(Buffer.from(secret, 'utf8')).update(body).digest('hex')}`;
}

/** The value of `webhook-signature` (Standard Webhooks 1.0): `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`. */
export function standardSignature(secret: string, content: SignedContent): string {
  const mac = hmac(standardKey(secret))
    .update(`${content.deliveryId}.${content.timestampSeconds}.`)
    .update(content.body)
    .digest('base64');
  return `v1,${mac}`;
}

/** The same by several secrets, as the specification has it while secrets are replaced: any of them will do for a receiver. */
export function standardSignatures(secrets: readonly string[], content: SignedContent): string {
  return secrets.map((secret) => standardSignature(secret, content)).join(' ');
}

/** Compares two signatures without telling by its duration where they differ. */
export function signaturesMatch(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Standard Webhooks writes secrets as `whsec_` and the key in base64, and its libraries decode that; any other secret is
 * taken as it stands, by its UTF-8 bytes, as for `X-Djinn-CI-Signature`. Only what encodes back to the same text is
 * base64: Node decodes the rest of it to fewer bytes, down to an empty key.
 */
export function standardKey(secret: string): Buffer {
  const base64 = /^whsec_(.+)$/.exec(secret)?.[1];
  const decoded = Buffer.from(base64 ?? '', 'base64');
  return base64 !== undefined && decoded.toString('base64') === base64 ? decoded : Buffer.from(secret, 'utf8');
}

/** Not of the bytes at once: Node 24 finds by an exception that they are no key object, which takes ten times as long as the HMAC of 2 KB. */
function hmac(key: Buffer): Hmac {
  return createHmac('sha256', createSecretKey(key));
}
