import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { lambdaWorld } from '../../functions/runtime/bus-world.ts';
import type { EnvOf, FunctionName } from '../../functions/runtime/env.ts';
import type { World } from '../../functions/runtime/world.ts';
import type { Queue } from '../../functions/transport/queue.ts';
import { type Resolve, resolveByDns } from '../../functions/transport/resolve-by-dns.ts';
import { QUEUES, type QueueName } from '../queues.ts';
import { local } from './aws.ts';
import { BUS_NAME, type BusNotice, busApp } from './bus.ts';
import { createTable, startDynamoDb } from './dynamodb.ts';
import { kmsApp, loadKey } from './kms.ts';
import { serveLocally } from './serve.ts';
import { type QueueContents, type SqsEngine, startSqs } from './sqs.ts';

/** The settings of all functions. */
export type Settings = EnvOf<FunctionName>;

/** Where the engines listen, for other processes of this machine. */
export type Endpoints = Readonly<Record<'dynamodb' | 'sqs' | 'kms' | 'eventbridge', string>>;

export type Engines = {
  readonly endpoints: Endpoints;
  readonly settings: Settings;
  readonly world: LocalWorld;
  readonly queueUrl: (name: string) => string;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
  readonly inspect: (queue: string) => Promise<QueueContents>;
  /** What the bus sends to. */
  readonly events: Pick<Queue, 'send'>;
  readonly map: SqsEngine['map'];
  readonly stop: () => Promise<void>;
};

/** A world whose clients are there from the beginning. */
export type LocalWorld = World & {
  readonly sqs: SQSClient;
  readonly kms: KMSClient;
  readonly eventbridge: EventBridgeClient;
};

const TABLE_NAME = 'djinn-webhooks';
const KEY_ID = 'alias/djinn-webhooks';

/** Starts DynamoDB, SQS, KMS and the bus on loopback, persistent under a folder or, without one, in memory. */
export async function startEngines(
  options: {
    readonly dataDir?: string | undefined;
    readonly dynamodbEndpoint?: string | undefined;
    readonly publicUrl?: string | undefined;
    /** Told where the bundled DynamoDB ends before it is stopped. */
    readonly onLost?: (() => void) | undefined;
    /** Told of the service's own events. */
    readonly onNotice?: ((notice: BusNotice) => void) | undefined;
  } = {},
): Promise<Engines> {
  const inFolder = (name: string) => (options.dataDir === undefined ? undefined : join(options.dataDir, name));
  const file = inFolder('dynamodb.db');
  const key = loadKey(inFolder('kms.key'), file);
  const { dynamodbEndpoint: endpoint, onLost } = options;
  const dynamodb = await startDynamoDb({ file, endpoint, onLost });
  const sqs = await startSqs(inFolder('sqs'));
  const kms = await serveLocally(kmsApp(key), 0);
  const events = sqs.queue('events');
  const bus = await serveLocally(busApp({ events, now: Date.now, onNotice: options.onNotice }), 0);
  const endpoints = {
    dynamodb: dynamodb.endpoint,
    sqs: sqs.endpoint,
    kms: `http://127.0.0.1:${kms.port}`,
    eventbridge: `http://127.0.0.1:${bus.port}`,
  };
  await createTable(local(endpoints.dynamodb), TABLE_NAME);
  const world = localWorld(endpoints);
  return {
    endpoints,
    world,
    queueUrl: sqs.queueUrl,
    queueUrls: Object.fromEntries(QUEUES.map(({ name }) => [name, sqs.queueUrl(name)])) as Engines['queueUrls'],
    inspect: sqs.inspect,
    events,
    map: sqs.map,
    settings: {
      TABLE_NAME,
      KMS_KEY_ID: KEY_ID,
      DELIVERIES_QUEUE_URL: sqs.queueUrl('deliveries'),
      EVENTS_DEAD_LETTER_QUEUE_URL: sqs.queueUrl('events-dead-letter'),
      EVENT_BUS_NAME: BUS_NAME,
      ALLOWED_NETWORKS: '',
      ALLOW_INSECURE_TLS: 'false',
      PUBLIC_URL: options.publicUrl ?? '',
    },
    async stop() {
      for (const client of [world.dynamodb, world.sqs, world.kms, world.eventbridge]) client.destroy();
      await bus.stop();
      await Promise.all([dynamodb.stop(), sqs.stop(), kms.stop()]);
    },
  };
}

/** Lambda's world but for three things: where the engines are, that loopback is admitted, and what `localhost` is. */
export function localWorld(endpoints: Endpoints): LocalWorld {
  return {
    ...lambdaWorld(),
    dynamodb: new DynamoDBClient(local(endpoints.dynamodb)),
    sqs: new SQSClient(local(endpoints.sqs)),
    kms: new KMSClient(local(endpoints.kms)),
    eventbridge: new EventBridgeClient(local(endpoints.eventbridge)),
    resolve: resolveLocally,
    admittedNetworks: ['127.0.0.0/8', '::1/128'],
  };
}

/** `localhost` stands in no DNS, but in the machine's own files. */
const resolveLocally: Resolve = async (hostname, signal) => {
  if (hostname !== 'localhost' && !hostname.endsWith('.localhost')) return resolveByDns(hostname, signal);
  const answers = await lookup('localhost', { all: true, order: 'ipv4first' });
  return answers.map(({ address }) => address);
};
