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

const READY_WITHIN_MS = 30_000;
const NOT_STARTED =
  'The bundled DynamoDB did not start: is there room on the disk that DATA_DIR is on, and is dynamodb.db there as it was?';
const NOT_ANSWERING = `The bundled DynamoDB has not answered for ${READY_WITHIN_MS / 1000} s: start again when this machine has less to do`;
const ENGINE = '@dynoxide/linux-x64';

/**
 * Starts the bundled DynamoDB, over a file or, without one, in memory; or takes the one that `endpoint` names. Throws
 * StartError where there is neither.
 */
export async function startDynamoDb(options: {
  readonly file?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Told where the bundled one ends before it is stopped. */
  readonly onLost?: (() => void) | undefined;
}): Promise<DynamoEngine> {
  const { endpoint: given, onLost } = options;
  if (given !== undefined) {
    await untilReady(given, `No DynamoDB answers at ${given}: start it, or unset AWS_ENDPOINT_URL_DYNAMODB`);
    return { endpoint: given, stop: async () => undefined };
  }
  const port = await freePort();
  const storage = options.file === undefined ? [] : ['--db-path', options.file];
  const engine = onLeash(enginePath(), ['serve', '--host', '127.0.0.1', '--port', port.toString(), ...storage]);
  const endpoint = `http://127.0.0.1:${port}`;
  await untilReady(endpoint, NOT_ANSWERING, () => {
    if (hasEnded(engine)) throw new StartError(NOT_STARTED);
  });
  const lost = () => onLost?.();
  engine.once('exit', lost);
  if (hasEnded(engine)) lost();
  return {
    endpoint,
    async stop() {
      engine.off('exit', lost);
      const ended = hasEnded(engine) ? undefined : once(engine, 'exit');
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
 * After a `kill -9` of ours no engine is left behind that holds the database. Where the program ends by itself, so does the shell.
 */
function onLeash(program: string, parameters: readonly string[]): ChildProcess {
  const leash =
    'exec 3<&0; "$@" </dev/null 3<&- & engine=$!; (cat <&3 >/dev/null; kill "$engine") & held=$!; wait "$engine"; kill "$held"';
  return spawn('/bin/sh', ['-c', leash, 'sh', program, ...parameters], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Waits until a DynamoDB answers; throws with a sentence where it does not in time, or what `check` throws meanwhile. */
async function untilReady(endpoint: string, sentence: string, check?: () => void): Promise<void> {
  const client = new DynamoDBClient({ ...local(endpoint), maxAttempts: 1 });
  const deadline = Date.now() + READY_WITHIN_MS;
  try {
    while (!(await answers(client))) {
      check?.();
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
