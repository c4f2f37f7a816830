import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EncryptCommand } from '@aws-sdk/client-kms';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { lambdaWorld } from '../../functions/runtime/bus-world.ts';
import type { World } from '../../functions/runtime/world.ts';

/** Takes every request, and answers none. */
let silent: Server;

beforeAll(async () => {
  silent = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const settings = { ENDPOINT_URL: `http://127.0.0.1:${port}`, REGION: 'eu-west-1', MAX_ATTEMPTS: '1' };
  const credentials = { ACCESS_KEY_ID: 'local', SECRET_ACCESS_KEY: 'local' };
  for (const [key, value] of Object.entries({ ...settings, ...credentials })) vi.stubEnv(`AWS_${key}`, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  silent.close();
});

const CALLS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  DynamoDB: ({ dynamodb }) => dynamodb.send(new ListTablesCommand()),
  SQS: ({ sqs }) =>
    sqs.send(new SendMessageCommand({ QueueUrl: `${process.env['AWS_ENDPOINT_URL']}/queue`, MessageBody: 'a' })),
  KMS: ({ kms }) => kms.send(new EncryptCommand({ KeyId: 'key', Plaintext: Buffer.from('a') })),
  EventBridge: ({ eventbridge }) =>
    eventbridge.send(new PutEventsCommand({ Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}' }] })),
};

it.concurrent.each(Object.keys(CALLS))(
  '%s is not waited for where it takes a request and never answers',
  async (name) => {
    const world = lambdaWorld();
    await expect(CALLS[name]?.(world)).rejects.toMatchObject({ name: 'TimeoutError' });
    for (const client of [world.dynamodb, world.sqs, world.kms, world.eventbridge]) client.destroy();
  },
);
