import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { REENCODED_BODY_MAX_BYTES } from './limits.ts';
import { djinnSignature, signaturesMatch } from './signature.ts';
import {
  type Content,
  contentsOf,
  type Key,
  keysOf,
  MISSING_KEYS,
  type Signed,
  type Target,
} from './signature-candidates.ts';
import { type Finding, type FindingName, finding } from './signature-findings.ts';
import { type ReadSignature, readSignature, signaturesIn } from './signature-text.ts';

/** What is known of an attempt's signatures. */
export type SignatureCase = Signed & {
  /** The signatures as they stand in the attempt's own request; none where the webhook had no secret. */
  readonly sent: { readonly djinn: string; readonly standard: string } | undefined;
  /** The webhook's secret as it is now, undefined where it has none; and the one that it replaced, where that is kept. */
  readonly present: string | undefined;
  readonly previous: string | undefined;
  /** Whether there is a secret now that no key opens any more. */
  readonly isLost?: boolean | undefined;
};

/**
 * What is to be said of a signature that somebody's code has computed: it is right, so and so mistaken, unknown, or it is none. Several
 * mistakes at once come in the order in which they are best mended. It never says what would be right.
 */
export type SignatureVerdict = {
  readonly kind: 'right' | 'mistaken' | 'unknown' | 'unreadable' | 'nothing_to_compare';
  readonly findings: readonly [Finding, ...Finding[]];
  /** Whether the webhook's secret is another one now than when the attempt was signed. */
  readonly isSecretChanged: boolean;
};

const LARGE = 'The body is so large that it was not compared with what comes of parsing and writing it again.';
/** A body of more bytes is not tried with a wrong key and as a wrong body at once. */
const BOTH_WRONG_MAX_BYTES = 64 * 1024;
/** Fewer characters than these that are right may be chance. */
const TRUNCATED_MIN_CHARACTERS = 8;

/** Compares what somebody's code has computed for an attempt with what was sent, and with what known mistakes would give. */
export function judgeSignature(pasted: string, known: SignatureCase): SignatureVerdict {
  const { sent, present, previous } = known;
  if (sent === undefined)
    return { kind: 'nothing_to_compare', findings: [finding('unsigned')], isSecretChanged: false };
  const isSigner = (secret: string | undefined) => secret !== undefined && signs(secret, known, sent.djinn);
  const isSecretChanged = !known.isLost && !isSigner(present);
  const told = (kind: SignatureVerdict['kind'], ...findings: SignatureVerdict['findings']) => ({
    kind,
    findings,
    isSecretChanged,
  });
  const texts = signaturesIn(pasted);
  const standard = sent.standard.split(' ');
  if (texts.some((text) => signaturesMatch(text, sent.djinn))) return told('right', finding('right_djinn'));
  if (texts.some((text) => standard.some((one) => signaturesMatch(text, one)))) {
    return told('right', finding('right_standard'));
  }
  const read = readSignature(texts[0] ?? '');
  if (isBeginning(read.text, [sent.djinn, ...standard])) return told('mistaken', finding('truncated'));
  if (read.kind !== 'signature') {
    const detail = read.kind === 'wrong_length' ? `It has ${read.text.length} characters.` : undefined;
    return told('unreadable', finding(read.kind, detail));
  }
  const explained = explain(read, known);
  if (explained === undefined) {
    const isForgotten = isSecretChanged && !isSigner(previous);
    const isLarge = known.body.length > REENCODED_BODY_MAX_BYTES;
    const why = known.isLost ? 'secret_lost' : isForgotten ? 'unknown_since_changed' : 'unknown';
    return told('unknown', finding(why, isLarge ? LARGE : undefined));
  }
  const [first, ...others] = explained.mistakes;
  if (first !== undefined) return told('mistaken', first, ...others);
  return told('right', finding(explained.target === 'djinn' ? 'right_djinn' : 'right_standard'));
}

function signs(secret: string, { body }: Signed, sent: string): boolean {
  return signaturesMatch(djinnSignature(secret, body), sent);
}

/** Whether digits are the beginning of those of a signature that was sent, and not all of them. */
function isBeginning(digits: string, sent: readonly string[]): boolean {
  if (digits.length < TRUNCATED_MIN_CHARACTERS) return false;
  return sent
    .map((one) => one.replace(/^(sha256=|v1,)/, ''))
    .some((right) => {
      const padded = right.replace(/=+$/, '');
      return digits.length < padded.length && signaturesMatch(digits, right.slice(0, digits.length));
    });
}

/** Which header a signature is like, and the mistakes that give it: none where it is only written otherwise. */
type Explained = { readonly target: Target; readonly mistakes: readonly Finding[] };

/** What gives such a signature; undefined where nothing that is known does. */
function explain(read: ReadSignature, known: SignatureCase): Explained | undefined {
  const sentAs = asSent(read, known);
  if (sentAs !== undefined) return { target: sentAs, mistakes: formatMistakes(read, sentAs) };
  const unkeyed = unkeyedMistake(read, known);
  if (unkeyed !== undefined) return { target: 'djinn', mistakes: [finding(unkeyed)] };
  const keys = { djinn: keysFor('djinn', known), standard: keysFor('standard', known) };
  for (const content of contentsOf(known)) {
    for (const { key, role } of keys[content.target]) {
      const areBothWrong = content.finding !== undefined && key.finding !== undefined;
      if (areBothWrong && known.body.length > BOTH_WRONG_MAX_BYTES) continue;
      if (!isMac(read, content, key)) continue;
      const names = [key.finding, role].filter((name) => name !== undefined);
      const mistakes = [...names.map((name) => finding(name)), ...(content.finding ? [content.finding] : [])];
      return { target: content.target, mistakes: [...mistakes, ...formatMistakes(read, content.target)] };
    }
  }
  return undefined;
}

/** The header that has these very bytes, only written in another way. */
function asSent({ mac }: ReadSignature, { sent }: SignatureCase): Target | undefined {
  if (sent === undefined) return undefined;
  if (areEqual(mac, Buffer.from(sent.djinn.replace(/^sha256=/, ''), 'hex'))) return 'djinn';
  const standard = sent.standard.split(' ').map((one) => Buffer.from(one.replace(/^v1,/, ''), 'base64'));
  return standard.some((one) => areEqual(mac, one)) ? 'standard' : undefined;
}

function formatMistakes({ prefix, encoding, algorithm }: ReadSignature, target: Target): readonly Finding[] {
  // Over the body alone, but called v1: Standard Webhooks were meant.
  const meant = target === 'djinn' && prefix === 'v1' ? 'standard' : target;
  const names: FindingName[] = [];
  if (meant !== target) names.push('body_alone');
  if (algorithm !== 'sha256') names.push('other_algorithm');
  if (encoding === 'base64_of_hex') names.push('encoded_twice');
  if (meant === 'djinn' && encoding === 'base64') names.push('base64');
  if (meant === 'djinn' && encoding === 'upper_hex') names.push('upper_case');
  if (meant === 'standard' && (encoding === 'hex' || encoding === 'upper_hex')) names.push('standard_hex');
  if (prefix === '') names.push(meant === 'djinn' ? 'no_prefix' : 'no_v1');
  else if (prefix !== (meant === 'djinn' ? algorithm : 'v1')) names.push('wrong_prefix');
  return names.map((name) =>
    finding(name, name === 'other_algorithm' ? `It is as long as ${ALGORITHM_NAMES[algorithm]}.` : undefined),
  );
}

const ALGORITHM_NAMES = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;

/** What takes the secret into a hash in another way than an HMAC does, or not at all. */
function unkeyedMistake(read: ReadSignature, { body, present, previous }: SignatureCase): FindingName | undefined {
  const hashOf = (...parts: (string | Uint8Array)[]) => {
    const hash = createHash(read.algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  if (areEqual(read.mac, hashOf(body))) return 'no_key';
  for (const secret of [present, previous]) {
    if (secret === undefined) continue;
    const together = [hashOf(secret, body), hashOf(body, secret)];
    if (together.some((hash) => areEqual(read.mac, hash))) return 'concatenated';
    if (areEqual(read.mac, createHmac(read.algorithm, body).update(secret).digest())) return 'swapped';
  }
  return undefined;
}

type Held = { readonly key: Key; readonly role?: FindingName | undefined };

/** The keys that the webhook's secrets may have been taken for; the role is what is wrong with the secret itself. */
function keysFor(target: Target, known: SignatureCase): readonly Held[] {
  const held = [
    { secret: known.present, role: 'newer_secret' as const },
    { secret: known.previous, role: 'replaced_secret' as const },
  ];
  return [
    ...held.flatMap(({ secret, role }) => {
      if (secret === undefined) return [];
      const isSigner = known.sent !== undefined && signs(secret, known, known.sent.djinn);
      return keysOf(secret, target).map((key): Held => ({ key, role: isSigner ? undefined : role }));
    }),
    ...MISSING_KEYS.map((key): Held => ({ key })),
  ];
}

function isMac(read: ReadSignature, { parts }: Content, { bytes }: Key): boolean {
  const hmac = createHmac(read.algorithm, bytes);
  for (const part of parts) hmac.update(part);
  return areEqual(read.mac, hmac.digest());
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
