import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../store/table.ts';
import { type Dial, dialTcp } from '../transport/connector.ts';
import { type Resolve, resolveByDns } from '../transport/resolve-by-dns.ts';
import { type Late, lateClient } from './late-client.ts';

/** What the outside world gives a function. Whoever composes another world, such as a test, says what differs. */
export type World = {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: Late<SQSClient>;
  readonly kms: Late<KMSClient>;
  readonly eventbridge: Late<EventBridgeClient>;
  readonly now: () => number;
  readonly random: () => number;
  readonly randomId: () => string;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Lets time pass; rejects where it is cut short. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly resolve: Resolve;
  readonly dial: Dial;
  /** Networks that are admitted as destinations beside the public ones and the operator's own. */
  readonly admittedNetworks: readonly string[];
};

/** A world of which the bus hears nothing: for functions that put nothing on it, and whose bundles its client would swell. */
export type QuietWorld = Omit<World, 'eventbridge'>;

/**
 * How long AWS is waited for, three times: by itself the SDK waits for ever, until Lambda ends the function, and who waits with it are the
 * other attempts of a batch, which are made and not yet recorded. What is asked for here is answered in milliseconds.
 */
export const AWS_PATIENCE = {
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/** The world as Lambda has it: clients with the settings of the SDK's own chain, made when they are first asked. Without the bus. */
export function quietLambdaWorld(): QuietWorld {
  return {
    dynamodb: new DynamoDBClient(AWS_PATIENCE),
    sqs: lateClient(async () => new (await import('../transport/sdk-sqs.ts')).SQSClient(AWS_PATIENCE)),
    kms: lateClient(async () => new (await import('../transport/sdk-kms.ts')).KMSClient(AWS_PATIENCE)),
    now: Date.now,
    random: Math.random,
    randomId: randomUUID,
    randomBytes,
    sleep: (ms, signal) => wait(ms, undefined, { signal }),
    resolve: resolveByDns,
    dial: dialTcp,
    admittedNetworks: [],
  };
}

/** The table of a world, by its name. */
export function tableOf(world: Pick<World, 'dynamodb' | 'sleep' | 'random'>, name: string): Table {
  const db = DynamoDBDocumentClient.from(world.dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  return { db, name, sleep: world.sleep, random: world.random };
}
