import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { expect, it } from 'vitest';
import { AWS_PATIENCE } from '../../functions/runtime/world.ts';
import { local } from '../../infra/local/aws.ts';

it('KMS is not waited for where it takes a request and never answers', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kms = new KMSClient({ ...local(`http://127.0.0.1:${port}`), ...AWS_PATIENCE, maxAttempts: 1 });
  const call = kms.send(new EncryptCommand({ KeyId: 'key', Plaintext: Buffer.from('a') }));
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  kms.destroy();
  server.close();
});
