import { KMSClient } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LostSecretError, openUnlessLost, vault } from '../../functions/transport/vault.ts';
import { local } from '../../infra/local/aws.ts';
import { kmsApp, loadKey } from '../../infra/local/kms.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';
import { intercept } from '../support/failing.ts';

const KEY_ID = 'alias/djinn-webhooks';
const OWNER = { webhookId: 7, namespaceId: 2 };
const SECRET = 'Ein Geheimnis – 秘密';

let engine: Served;
let kms: KMSClient;
/** The names of the commands that were sent. */
let calls: string[];
/** Commands from now on that fail on the way. */
let failures: number;

beforeEach(async () => {
  engine = await serveLocally(kmsApp(loadKey(undefined)), 0);
  kms = new KMSClient({ ...local(`http://127.0.0.1:${engine.port}`), maxAttempts: 1 });
  calls = [];
  failures = 0;
  kms.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        calls.push(commandName);
        failures -= 1;
        if (failures >= 0) throw new Error('ThrottlingException');
        return next(args);
      },
    { step: 'initialize' },
  );
});

afterEach(async () => {
  kms.destroy();
  await engine.stop();
});

const decrypts = () => calls.filter((name) => name === 'DecryptCommand').length;

test.each(['s', SECRET, 'x'.repeat(256), ''])('opens what it sealed: %j', async (secret) => {
  const sealed = await vault(kms, KEY_ID).seal(secret, OWNER);
  expect(await vault(kms, KEY_ID).open(sealed, OWNER)).toBe(secret);
});

test('seals the same secret differently each time, and hides it', async () => {
  const { seal } = vault(kms, KEY_ID);
  const [one, other] = [await seal(SECRET, OWNER), await seal(SECRET, OWNER)];
  expect(one).not.toBe(other);
  expect(one).toMatch(/^[A-Za-z0-9+/]+=*$/);
  expect(Buffer.from(one, 'base64').includes(SECRET)).toBe(false);
  expect(one).not.toContain(Buffer.from(SECRET).toString('base64'));
});

test.each([
  ['webhook', { ...OWNER, webhookId: 8 }],
  ['namespace', { ...OWNER, namespaceId: 3 }],
])('does not open a secret for another %s, not even after its owner', async (_, other) => {
  const { seal, open } = vault(kms, KEY_ID);
  const sealed = await seal(SECRET, OWNER);
  await open(sealed, OWNER);
  await expect(open(sealed, other)).rejects.toThrow(LostSecretError);
});

test('does not open what was changed', async () => {
  const { seal, open } = vault(kms, KEY_ID);
  const bytes = Buffer.from(await seal(SECRET, OWNER), 'base64');
  const changed = Buffer.from(bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte)));
  await expect(open(changed.toString('base64'), OWNER)).rejects.toThrow(LostSecretError);
});

test('asks once for a secret that is opened twice, at once or later', async () => {
  const { seal, open } = vault(kms, KEY_ID);
  const sealed = await seal(SECRET, OWNER);
  expect(await Promise.all([open(sealed, OWNER), open(sealed, OWNER)])).toEqual([SECRET, SECRET]);
  expect(await open(sealed, OWNER)).toBe(SECRET);
  expect(decrypts()).toBe(1);
});

test('asks for each ciphertext', async () => {
  const { seal, open } = vault(kms, KEY_ID);
  const [one, other] = [await seal('old', OWNER), await seal('new', OWNER)];
  expect([await open(one, OWNER), await open(other, OWNER)]).toEqual(['old', 'new']);
  expect(decrypts()).toBe(2);
});

test('does not remember a failure', async () => {
  const { seal, open } = vault(kms, KEY_ID);
  const sealed = await seal(SECRET, OWNER);
  failures = 1;
  await expect(open(sealed, OWNER)).rejects.toThrow('ThrottlingException');
  expect(await open(sealed, OWNER)).toBe(SECRET);
  expect(decrypts()).toBe(2);
});

test('tells a secret that is lost from one that cannot be opened now', async () => {
  const known = vault(kms, KEY_ID);
  const sealed = await known.seal(SECRET, OWNER);
  expect(await openUnlessLost({ vault: known }, sealed, { ...OWNER, webhookId: 8 })).toBeUndefined();
  failures = 1;
  await expect(openUnlessLost({ vault: known }, sealed, OWNER)).rejects.toThrow('ThrottlingException');
  expect(await openUnlessLost({ vault: known }, sealed, OWNER)).toBe(SECRET);
});

test.each([
  ['IncorrectKeyException', true],
  ['InvalidCiphertextException', true],
  ['DisabledException', false],
  ['KMSInvalidStateException', false],
  ['AccessDeniedException', false],
  ['ThrottlingException', false],
])('takes a secret of which KMS says %s for lost: %s', async (name, isLost) => {
  const known = vault(kms, KEY_ID);
  const sealed = await known.seal(SECRET, OWNER);
  const said = Object.assign(new Error('no'), { name });
  const undo = intercept(kms, 'Decrypt', () => Promise.reject(said));
  const opening = openUnlessLost({ vault: known }, sealed, OWNER);
  await (isLost ? expect(opening).resolves.toBeUndefined() : expect(opening).rejects.toBe(said));
  undo();
});

test('keeps a thousand secrets, and asks again for the one it opened first', async () => {
  const { seal, open } = vault(kms, KEY_ID);
  const sealed = await Promise.all(Array.from({ length: 1001 }, (_, index) => seal(`secret ${index}`, OWNER)));
  for (const one of sealed) await open(one, OWNER);
  expect(decrypts()).toBe(1001);
  await open(sealed.at(-1) ?? '', OWNER);
  expect(decrypts()).toBe(1001);
  expect(await open(sealed[0] ?? '', OWNER)).toBe('secret 0');
  expect(decrypts()).toBe(1002);
});
