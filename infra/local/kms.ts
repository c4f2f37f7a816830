import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Hono } from 'hono';
import { StartError } from './start-error.ts';

/** The AWS protocol of KMS, as far as the vault speaks it. */
const TARGET = 'TrentService';
const CONTENT_TYPE = 'application/x-amz-json-1.1';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

type Request = {
  readonly KeyId: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
};

/**
 * A KMS of one key: `Encrypt` and `Decrypt` over the AWS protocol, so that the vault is the same here and on AWS. Made of
 * AES-256-GCM, with the encryption context as additional data: what is opened for another owner does not open.
 */
export function kmsApp(key: Buffer): Hono {
  const app = new Hono();
  app.post('/', async (context) => {
    const action = context.req.header('x-amz-target')?.replace(`${TARGET}.`, '');
    const request = (await context.req.json()) as Request;
    const reply = (body: object, status: 200 | 400 = 200) =>
      context.body(JSON.stringify(body), status, { 'content-type': CONTENT_TYPE });
    if (action === 'Encrypt') return reply({ KeyId: request.KeyId, CiphertextBlob: encrypt(key, request) });
    if (action !== 'Decrypt') return reply({ __type: 'InvalidAction' }, 400);
    const Plaintext = decrypt(key, request);
    return Plaintext === undefined
      ? reply({ __type: 'InvalidCiphertextException' }, 400)
      : reply({ KeyId: request.KeyId, Plaintext });
  });
  return app;
}

/**
 * The key in a file, mode 0600, made where there is none; without a file, one for the life of the process. Throws StartError where it
 * has been lost: `sealed` is a file with what the key has sealed.
 */
export function loadKey(file: string | undefined, sealed?: string): Buffer {
  if (file === undefined) return randomBytes(KEY_BYTES);
  if (!existsSync(file)) {
    if (sealed !== undefined && existsSync(sealed)) throw lost(`${file} is missing`, sealed);
    // Whole or not at all: half a key would lock every secret away.
    writeFileSync(`${file}.new`, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  // Also where it comes from a backup that gave it to everybody.
  chmodSync(file, 0o600);
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  if (key.length !== KEY_BYTES) throw lost(`${file} has no key`, sealed);
  return key;
}

function lost(what: string, sealed: string | undefined): StartError {
  const otherwise = sealed === undefined ? 'remove it' : `remove the whole folder ${dirname(sealed)}, to begin anew`;
  return new StartError(
    `${what}, which alone opens the secrets of the webhooks: put it back from a backup, or ${otherwise}`,
  );
}

function encrypt(key: Buffer, request: Request): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(additionalData(request));
  const data = Buffer.concat([cipher.update(Buffer.from(request.Plaintext ?? '', 'base64')), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64');
}

function decrypt(key: Buffer, request: Request): string | undefined {
  const blob = Buffer.from(request.CiphertextBlob ?? '', 'base64');
  try {
    // The length is said, or a tag that was cut to four bytes would be taken for one.
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, IV_BYTES), options);
    decipher.setAAD(additionalData(request)).setAuthTag(blob.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const data = decipher.update(blob.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([data, decipher.final()]).toString('base64');
  } catch {
    // KMS says the same of a wrong key, a wrong context and a damaged ciphertext.
    return undefined;
  }
}

function additionalData({ EncryptionContext = {} }: Request): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(EncryptionContext).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
