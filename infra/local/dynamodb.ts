import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ListTablesCommand,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { TABLE_SCHEMA } from '../../functions/store/table.ts';
import { local } from './aws.ts';
import { freePort } from './free-port.ts';
import { StartError } from './start-error.ts';

/** A DynamoDB on the wire. */
export type DynamoEngine = { readonly endpoint: string; readonly stop: () => Promise<void> };

const READY_WITHIN_MS = 10_000;
const ENGINE = '@dynoxide/linux-x64';

/**
 * Starts the bundled DynamoDB, over a file or, without one, in memory; or takes the one that `endpoint` names. Throws
 * StartError where there is neither.
 */
export async function startDynamoDb(options: {
  readonly file?: string | undefined;
  readonly endpoint?: string | undefined;
}): Promise<DynamoEngine> {
  const { endpoint: given } = options;
  if (given !== undefined) {
    await untilReady(given, `No DynamoDB answers at ${given}: start it, or unset AWS_ENDPOINT_URL_DYNAMODB`);
    return { endpoint: given, stop: async () => undefined };
  }
  const port = await freePort();
  const storage = options.file === undefined ? [] : ['--db-path', options.file];
  const engine = onLeash(enginePath(), ['serve', '--host', '127.0.0.1', '--port', port.toString(), ...storage]);
  const endpoint = `http://127.0.0.1:${port}`;
  await untilReady(endpoint, 'The bundled DynamoDB did not start: is there room on the disk that DATA_DIR is on?');
  return {
    endpoint,
    async stop() {
      const ended = engine.exitCode === null ? once(engine, 'exit') : undefined;
      engine.stdin?.end();
      await ended;
    },
  };
}

/** Creates the table with its index, where it does not exist yet. */
export async function createTable(config: DynamoDBClientConfig, name: string): Promise<void> {
  const { partitionKey, sortKey, dueIndex } = TABLE_SCHEMA;
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: partitionKey, AttributeType: 'S' },
      { AttributeName: sortKey, AttributeType: 'S' },
      { AttributeName: dueIndex.partitionKey, AttributeType: 'S' },
      { AttributeName: dueIndex.sortKey, AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: dueIndex.name,
        KeySchema: [
          { AttributeName: dueIndex.partitionKey, KeyType: 'HASH' },
          { AttributeName: dueIndex.sortKey, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...dueIndex.attributes] },
      },
    ],
  });
  const client = new DynamoDBClient(config);
  try {
    await client.send(command);
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  } finally {
    client.destroy();
  }
}

/** Where the bundled engine is. Throws StartError on a platform for which none is bundled. */
export function enginePath(resolve: (id: string) => string = createRequire(import.meta.url).resolve): string {
  try {
    return resolve(`${ENGINE}/dynoxide`);
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`;
    throw new StartError(
      `No DynamoDB engine is bundled for ${platform}: start a DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB to its URL`,
      { cause },
    );
  }
}

/**
 * Starts a program that ends when this process does, however it does: a shell waits for the end of a pipe whose other end is ours.
 * After a `kill -9` of ours no engine is left behind that holds the database.
 */
function onLeash(program: string, parameters: readonly string[]): ChildProcess {
  const leash = '"$@" </dev/null & engine=$!; cat >/dev/null; kill "$engine"; wait "$engine"';
  return spawn('/bin/sh', ['-c', leash, 'sh', program, ...parameters], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}

async function untilReady(endpoint: string, sentence: string): Promise<void> {
  const client = new DynamoDBClient({ ...local(endpoint), maxAttempts: 1 });
  const deadline = Date.now() + READY_WITHIN_MS;
  try {
    while (!(await answers(client))) {
      if (Date.now() > deadline) throw new StartError(sentence);
      await sleep(20);
    }
  } finally {
    client.destroy();
  }
}

async function answers(client: DynamoDBClient): Promise<boolean> {
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }));
    return true;
  } catch {
    return false;
  }
}
