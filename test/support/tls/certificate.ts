/** Certificates made at test time (X.509 v3, RFC 5280, of P-256 keys), so that none lies about and none runs out. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, in PEM, as `tls.createServer` takes them. */
export type Certificate = { readonly cert: string; readonly key: string; readonly name: string };

const DAY_MS = 24 * 60 * 60 * 1000;

// Object identifiers, in DER.
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');

/** Makes a certificate for a DNS name, signed by `issuer` or, without one, by itself. It is good for two days around now. */
export function makeCertificate(options: {
  readonly name: string;
  readonly issuer?: Certificate;
  readonly isAuthority?: boolean;
  readonly validFromDays?: number;
  readonly validToDays?: number;
  /** What stands in place of the date of its end. */
  readonly validToText?: string;
}): Certificate {
  const { name, issuer, isAuthority = false, validFromDays = -1, validToDays = 1 } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = isAuthority
    ? sequence(BASIC_CONSTRAINTS, octets(sequence(Buffer.from('0101ff', 'hex'))))
    : sequence(SUBJECT_ALT_NAME, octets(sequence(tagged(0x82, Buffer.from(name)))));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    sequence(ECDSA_WITH_SHA256),
    distinguishedName(issuer?.name ?? name),
    sequence(time(validFromDays), options.validToText === undefined ? time(validToDays) : dated(options.validToText)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extensions)),
  );
  const signer: KeyObject | string = issuer?.key ?? privateKey;
  const certificate = sequence(body, sequence(ECDSA_WITH_SHA256), bits(sign('sha256', body, signer)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    name,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(bytes: Uint8Array): Buffer {
  return tagged(0x02, bytes);
}

function octets(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes);
}

function bits(bytes: Uint8Array): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(name)))));
}

/** A GeneralizedTime: YYYYMMDDHHMMSSZ. */
function time(days: number): Buffer {
  const iso = new Date(Date.now() + days * DAY_MS).toISOString();
  return dated(iso.replace(/\.\d+|[-:T]/g, ''));
}

function dated(text: string): Buffer {
  return tagged(0x18, Buffer.from(text));
}
