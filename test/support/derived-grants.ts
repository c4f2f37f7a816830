import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { FunctionName } from '../../functions/runtime/env.ts';
import { ROOT } from '../../infra/bundle.ts';
import type { TargetName } from '../../infra/grants.ts';
import { type ReachableCall, reachableCalls } from './reachable-calls.ts';

/** What a function needs to be allowed, by what it is on. */
export type DerivedGrants = Readonly<Partial<Record<TargetName, readonly string[]>>>;

/** What each command asks IAM for. A transaction, a statement and a query ask for what is in them. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  GetCommand: ['dynamodb:GetItem'],
  PutCommand: ['dynamodb:PutItem'],
  UpdateCommand: ['dynamodb:UpdateItem'],
  DeleteCommand: ['dynamodb:DeleteItem'],
  BatchGetCommand: ['dynamodb:BatchGetItem'],
  BatchWriteCommand: ['dynamodb:BatchWriteItem'],
  ScanCommand: ['dynamodb:Scan'],
  TransactWriteCommand: [],
  BatchExecuteStatementCommand: [],
  QueryCommand: [],
  EncryptCommand: ['kms:Encrypt'],
  DecryptCommand: ['kms:Decrypt'],
  PutEventsCommand: ['events:PutEvents'],
  SendMessageBatchCommand: ['sqs:SendMessage'],
};
const IN_TRANSACTIONS: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};
const STATEMENTS: Readonly<Record<string, string>> = {
  INSERT: 'dynamodb:PartiQLInsert',
  UPDATE: 'dynamodb:PartiQLUpdate',
  DELETE: 'dynamodb:PartiQLDelete',
  SELECT: 'dynamodb:PartiQLSelect',
};

/** What is asked of a service that has one thing of ours, and what a queue is by the setting that names it. */
const TARGETS: Readonly<Record<string, TargetName>> = { dynamodb: 'table', kms: 'key', events: 'bus' };
const QUEUES_OF: Readonly<Record<string, TargetName>> = {
  DELIVERIES_QUEUE_URL: 'deliveries',
  EVENTS_DEAD_LETTER_QUEUE_URL: 'events-dead-letter',
};

/** Derives from the code of a function what it must be allowed. */
export function derivedGrants(name: FunctionName): DerivedGrants {
  const asked = reachableCalls(readableBundle(name)).flatMap(grantsOf);
  const targets = [...new Set(asked.map(({ target }) => target))];
  const actionsOn = (target: TargetName) => asked.filter((one) => one.target === target).map(({ action }) => action);
  return Object.fromEntries(targets.map((target) => [target, [...new Set(actionsOn(target))].sort()]));
}

function grantsOf(call: ReachableCall): readonly { readonly target: TargetName; readonly action: string }[] {
  if (call.kind === 'query') {
    return [{ target: call.name === 'index' ? 'due index' : 'table', action: 'dynamodb:Query' }];
  }
  return actionsOf(call).map((action) => {
    const [service = ''] = action.split(':');
    const target = service === 'sqs' ? QUEUES_OF[call.setting ?? ''] : TARGETS[service];
    if (target === undefined) throw new Error(`${action}: of what is not to be seen from ${call.setting}`);
    return { target, action };
  });
}

function actionsOf({ kind, name }: ReachableCall): readonly string[] {
  const actions =
    kind === 'command' ? ACTIONS[name] : [kind === 'transaction' ? IN_TRANSACTIONS[name] : STATEMENTS[name]];
  const known = actions?.filter((action) => action !== undefined);
  if (known === undefined || known.length !== actions?.length) {
    throw new Error(`What ${name} asks IAM for is not known here: add it`);
  }
  return known;
}

/** What IAM is asked for by a command that was sent. What Lambda does with queues in the name of a function is not its code's. */
export function actionsOfSent(command: string, input: unknown): readonly string[] {
  // Beneath the document client a command goes by the name of DynamoDB's own.
  const name = command.replace(/Items?Command$/, 'Command');
  if (/^(ReceiveMessage|DeleteMessage)/.test(name)) return [];
  if (name === 'QueryCommand') return ['dynamodb:Query'];
  const { TransactItems = [], Statements = [] } = (input ?? {}) as SentParts;
  const parts: readonly Omit<ReachableCall, 'setting'>[] = [
    { kind: 'command', name },
    ...TransactItems.flatMap(Object.keys).map((key) => ({ kind: 'transaction' as const, name: key })),
    ...Statements.map(({ Statement }) => ({ kind: 'statement' as const, name: Statement.split(' ', 1)[0] ?? '' })),
  ];
  return parts.flatMap((part) => actionsOf({ ...part, setting: undefined }));
}

type SentParts = {
  readonly TransactItems?: readonly object[];
  readonly Statements?: readonly { readonly Statement: string }[];
};

/** A function's bundle as it can be read: of our own code alone, with its names. */
function readableBundle(name: FunctionName): string {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [join('functions', `${name}.ts`)],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}
