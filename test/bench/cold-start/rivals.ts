import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { FunctionName } from '../../../functions/runtime/env.ts';
import { BUILD, IN_PARTS, ROOT } from '../../../infra/bundle.ts';

type Client = { readonly imports: readonly string[]; readonly make: string; readonly call: string };

/** Each client as our functions make it, and a call of it: a client that never makes one leaves half of its work undone. */
const CLIENTS = {
  dynamodb: {
    imports: [
      "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
      "import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';",
    ],
    make: 'DynamoDBDocumentClient.from(new DynamoDBClient())',
    call: "new GetCommand({ TableName: process.env.TABLE_NAME, Key: { pk: 'NOTHING', sk: 'NOTHING' } })",
  },
  sqs: {
    imports: ["import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';"],
    make: 'new SQSClient()',
    call: 'new GetQueueAttributesCommand({ QueueUrl: process.env.DELIVERIES_QUEUE_URL })',
  },
  kms: {
    imports: ["import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';"],
    make: 'new KMSClient()',
    call: "new EncryptCommand({ KeyId: process.env.KMS_KEY_ID, Plaintext: Buffer.from('nothing') })",
  },
  eventbridge: {
    imports: ["import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';"],
    make: 'new EventBridgeClient()',
    call: "new PutEventsCommand({ Entries: [{ Source: 'bench', DetailType: 'nothing', Detail: '{}' }] })",
  },
} as const satisfies Readonly<Record<string, Client>>;

type ClientName = keyof typeof CLIENTS;

/** The clients that each function makes, and those of them that its first event calls. */
const OF: Readonly<
  Record<FunctionName, { readonly makes: readonly ClientName[]; readonly calls: readonly ClientName[] }>
> = {
  api: { makes: ['dynamodb', 'sqs', 'kms', 'eventbridge'], calls: ['dynamodb'] },
  console: { makes: ['dynamodb', 'sqs', 'kms'], calls: ['dynamodb'] },
  ingest: { makes: ['dynamodb', 'sqs', 'kms'], calls: ['dynamodb', 'sqs'] },
  deliver: { makes: ['dynamodb', 'sqs', 'kms', 'eventbridge'], calls: ['dynamodb', 'kms'] },
  retry: { makes: ['dynamodb', 'sqs', 'kms'], calls: ['dynamodb'] },
  recover: { makes: ['dynamodb', 'sqs', 'kms'], calls: ['dynamodb'] },
  'dead-letter': { makes: ['dynamodb', 'sqs', 'kms', 'eventbridge'], calls: ['dynamodb', 'eventbridge'] },
};

/** Bundles a handler that does nothing; answers its path. */
export function emptyHandler(folder: string): string {
  return built('export const handler = async () => ({});', join(folder, 'empty', 'index.mjs'));
}

/**
 * Bundles a handler that makes the clients that a function makes, and one call of each of those that its first event calls; and, where it is
 * rehearsed, a call of the table as it is imported, as our functions do.
 */
export function sdkHandler(
  name: FunctionName,
  { folder, isRehearsed = false }: { readonly folder: string; readonly isRehearsed?: boolean },
): string {
  const { makes, calls } = OF[name];
  const source = [
    ...makes.flatMap((client) => CLIENTS[client].imports),
    `const clients = { ${makes.map((client) => `${client}: ${CLIENTS[client].make}`).join(', ')} };`,
    ...(isRehearsed ? [`await clients.dynamodb.send(${CLIENTS.dynamodb.call});`] : []),
    'export const handler = async () => {',
    ...calls.map((client) => `  await clients.${client}.send(${CLIENTS[client].call});`),
    '  return Object.keys(clients).length;',
    '};',
  ].join('\n');
  return built(source, join(folder, `sdk-${name}${isRehearsed ? '-rehearsed' : ''}`, 'index.mjs'));
}

/** Bundles `deliver` as it is, but that it may send to receivers on this machine; answers its path. */
export function deliverHandler(folder: string): string {
  const source = [
    "import { lambdaWorld } from './functions/runtime/bus-world.ts';",
    "import { deliverDeps } from './functions/runtime/deps.ts';",
    "import { readEnv } from './functions/runtime/env.ts';",
    "import { inAdvance } from './functions/runtime/in-advance.ts';",
    "import { countInLog } from './functions/runtime/metrics.ts';",
    // Its entry, with these settings, would make a handler of its own beside this one.
    'const { TABLE_NAME } = process.env;',
    'delete process.env.TABLE_NAME;',
    "const { deliverHandler } = await import('./functions/deliver.ts');",
    'process.env.TABLE_NAME = TABLE_NAME;',
    "const world = () => ({ ...lambdaWorld(), admittedNetworks: ['127.0.0.0/8'] });",
    'export const handler = await inAdvance(() => {',
    "  const deps = { ...deliverDeps(readEnv('deliver'), world()), onTrouble: countInLog };",
    '  return { handle: deliverHandler(deps), rehearse: () => deps.webhooks.get(0, 0) };',
    '});',
  ].join('\n');
  const outdir = join(folder, 'local-deliver');
  buildSync({ ...IN_PARTS, stdin: { contents: source, resolveDir: ROOT, loader: 'ts' }, outdir });
  return join(outdir, 'index.mjs');
}

function built(contents: string, outfile: string): string {
  buildSync({ ...BUILD, stdin: { contents, resolveDir: ROOT, loader: 'ts' }, outfile });
  return outfile;
}
