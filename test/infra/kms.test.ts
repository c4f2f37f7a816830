import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecryptCommand, EncryptCommand, InvalidCiphertextException, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { local } from '../../infra/local/aws.ts';
import { kmsApp, loadKey } from '../../infra/local/kms.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';
import { StartError } from '../../infra/local/start-error.ts';

const OWNER = { webhook_id: '1', namespace_id: '2' };
const PLAIN = Buffer.from('s3crét');

let served: Served;
let kms: KMSClient;

beforeAll(async () => {
  served = await serveLocally(kmsApp(loadKey(undefined)), 0);
  kms = new KMSClient({ ...local(`http://127.0.0.1:${served.port}`), maxAttempts: 1 });
});
afterAll(async () => {
  kms.destroy();
  await served.stop();
});

async function encrypt(EncryptionContext: Record<string, string> = OWNER): Promise<Buffer> {
  const command = new EncryptCommand({ KeyId: 'alias/key', Plaintext: PLAIN, EncryptionContext });
  const { CiphertextBlob = new Uint8Array() } = await kms.send(command);
  return Buffer.from(CiphertextBlob);
}

async function decrypt(CiphertextBlob: Uint8Array, EncryptionContext: Record<string, string> = OWNER) {
  const { Plaintext } = await kms.send(new DecryptCommand({ KeyId: 'alias/key', CiphertextBlob, EncryptionContext }));
  return Plaintext && Buffer.from(Plaintext);
}

describe('the local KMS', () => {
  it('opens what it sealed, for the same context in any order', async () => {
    const sealed = await encrypt();
    expect(sealed.includes(PLAIN)).toBe(false);
    expect(await decrypt(sealed)).toEqual(PLAIN);
    expect(await decrypt(sealed, { namespace_id: '2', webhook_id: '1' })).toEqual(PLAIN);
  });

  it('seals the same text differently each time', async () => {
    expect(await encrypt()).not.toEqual(await encrypt());
  });

  it.each([
    ['another webhook', { ...OWNER, webhook_id: '2' }],
    ['another namespace', { ...OWNER, namespace_id: '1' }],
    ['less', { webhook_id: '1' }],
    ['more', { ...OWNER, more: '' }],
    ['nothing', {}],
  ])('refuses the context of %s', async (_, context) => {
    await expect(decrypt(await encrypt(), context)).rejects.toThrow(InvalidCiphertextException);
  });

  it('refuses what was damaged, anywhere, and what was cut short', async () => {
    const sealed = await encrypt();
    for (const [index, byte] of sealed.entries()) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(byte ^ 1, index);
      await expect(decrypt(damaged)).rejects.toThrow(InvalidCiphertextException);
    }
    for (const length of [1, 12, 20, 28, sealed.length - 1]) {
      await expect(decrypt(sealed.subarray(0, length))).rejects.toThrow(InvalidCiphertextException);
    }
  });

  it('refuses what another key sealed', async () => {
    const other = await serveLocally(kmsApp(loadKey(undefined)), 0);
    const client = new KMSClient(local(`http://127.0.0.1:${other.port}`));
    const command = new DecryptCommand({
      CiphertextBlob: await encrypt(),
      EncryptionContext: OWNER,
      KeyId: 'alias/key',
    });
    await expect(client.send(command)).rejects.toThrow(InvalidCiphertextException);
    client.destroy();
    await other.stop();
  });
});

describe('the key', () => {
  it('is made once, in a file of its owner only, and found again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kms-'));
    const file = join(folder, 'kms.key');
    const key = loadKey(file);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    chmodSync(file, 0o644);
    expect(loadKey(file)).toEqual(key);
    expect(statSync(file).mode & 0o777, 'again').toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(text);
    rmSync(folder, { recursive: true });
  });

  it('that is lost is not replaced by one that opens nothing of what there is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kms-'));
    const [file, database] = [join(folder, 'kms.key'), join(folder, 'dynamodb.db')];
    const remedy = 'which alone opens the secrets of the webhooks: put it back from a backup, or remove';
    writeFileSync(database, '');
    const missing = `${file} is missing, ${remedy} the whole folder ${folder}, to begin anew`;
    expect(() => loadKey(file, database)).toThrow(new StartError(missing));
    expect(existsSync(file)).toBe(false);
    for (const text of ['', 'c2hvcnQ=']) {
      writeFileSync(file, text);
      expect(() => loadKey(file, database)).toThrow(new StartError(missing.replace('is missing', 'has no key')));
      expect(() => loadKey(file)).toThrow(new StartError(`${file} has no key, ${remedy} it`));
    }
    rmSync(folder, { recursive: true });
  });

  it('is another one for every process without a file', () => {
    expect(loadKey(undefined)).not.toEqual(loadKey(undefined));
  });
});
