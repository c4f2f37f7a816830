/** A signature as somebody's code has computed it, taken apart. */
export type ReadSignature = {
  readonly kind: 'signature';
  /** Its digits, without a prefix. */
  readonly text: string;
  /** What stands before it, without the sign between them: `sha256`, `v1`, or nothing. */
  readonly prefix: string;
  readonly encoding: 'hex' | 'upper_hex' | 'base64' | 'base64_of_hex';
  readonly mac: Buffer;
  /** By its length. */
  readonly algorithm: MacAlgorithm;
};

type MacAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** What is no signature, or not a whole one; without its prefix. */
export type UnreadSignature = { readonly kind: 'wrong_length' | 'wrong_characters'; readonly text: string };

const BY_BYTES: Readonly<Record<number, MacAlgorithm>> = { 20: 'sha1', 32: 'sha256', 48: 'sha384', 64: 'sha512' };

/**
 * The signatures that were pasted: without quotes around them and the header's name before them. More than one where Standard
 * Webhooks' are, one for each secret.
 */
export function signaturesIn(pasted: string): readonly string[] {
  const line = pasted
    .trim()
    .replace(/^[\w-]*signature\s*:\s*/i, '')
    .replace(/^b?(["'`])(.*)\1[,;]?$/s, '$2')
    .trim();
  const parts = line.split(/\s+/);
  return parts.every((part) => part.startsWith('v1')) ? parts : [line];
}

/** Reads one signature: hex or base64, with a prefix or without. */
export function readSignature(text: string): ReadSignature | UnreadSignature {
  const [, prefix = '', rest = text] = /^([a-z][a-z0-9-]{0,15})[=,:]\s*([^=\s].*)$/is.exec(text) ?? [];
  const digits = rest.trim();
  const decoded = fromHex(digits) ?? fromBase64(digits);
  if (decoded === undefined) return { kind: 'wrong_characters', text: digits };
  const algorithm = BY_BYTES[decoded.mac.length];
  if (algorithm === undefined) return { kind: 'wrong_length', text: digits };
  return { kind: 'signature', prefix, text: digits, algorithm, ...decoded };
}

type Decoded = Pick<ReadSignature, 'encoding' | 'mac'>;

function fromHex(digits: string): Decoded | undefined {
  if (!/^[0-9a-f]+$/i.test(digits)) return undefined;
  return { encoding: digits === digits.toLowerCase() ? 'hex' : 'upper_hex', mac: Buffer.from(digits, 'hex') };
}

function fromBase64(digits: string): Decoded | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(digits)) return undefined;
  const mac = Buffer.from(digits, 'base64');
  const inner = mac.toString('latin1');
  const isHex = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(inner);
  return isHex ? { encoding: 'base64_of_hex', mac: Buffer.from(inner, 'hex') } : { encoding: 'base64', mac };
}
