import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FunctionName } from '../functions/runtime/env.ts';
import { TABLE_SCHEMA } from '../functions/store/table.ts';
import { EVENT_SOURCE, OWN_SOURCE } from '../functions/transport/bus.ts';
import { FUNCTIONS } from './functions.ts';
import type { QueueName } from './queues.ts';

/** What a grant is on. */
export type TargetName = 'table' | 'due index' | 'key' | 'bus' | QueueName;

export type Targets = {
  readonly table: { readonly tableArn: string };
  readonly key: { readonly keyArn: string };
  readonly bus: { readonly eventBusArn: string };
  readonly queues: Readonly<Record<QueueName, { readonly queueArn: string }>>;
};

type Grants = Readonly<Partial<Record<TargetName, readonly string[]>>>;

/** What Lambda does with a function's role to hand it the messages of a queue. */
const CONSUME = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
/** All that is done with the table by its keys: of those that serve users, and the one that keeps the directory. */
const READ_AND_CHANGE = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PartiQLInsert',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];
const SEND = ['sqs:SendMessage'];
const PUT = ['events:PutEvents'];

/**
 * What each function may do, and on what; beside it, each may write to its own log. A test derives from the code of each function what
 * it can call, and holds this table to that, both ways.
 */
export const GRANTS: Readonly<Record<FunctionName, Grants>> = {
  api: {
    table: READ_AND_CHANGE,
    key: ['kms:Decrypt', 'kms:Encrypt'],
    bus: PUT,
    deliveries: SEND,
  },
  console: {
    table: READ_AND_CHANGE,
    key: ['kms:Decrypt', 'kms:Encrypt'],
    deliveries: SEND,
  },
  ingest: {
    table: READ_AND_CHANGE,
    deliveries: SEND,
    'events-dead-letter': SEND,
  },
  deliver: {
    table: [
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ],
    key: ['kms:Decrypt'],
    bus: PUT,
    deliveries: SEND,
  },
  retry: {
    table: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'due index': ['dynamodb:Query'],
    deliveries: SEND,
  },
  recover: {
    table: [
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    'due index': ['dynamodb:Query'],
    deliveries: SEND,
  },
  'dead-letter': {
    table: ['dynamodb:GetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    bus: PUT,
  },
};

/** The statements of a function's role, one for each thing that it may do something with. */
export function statementsOf(name: FunctionName, targets: Targets): readonly PolicyStatement[] {
  const { trigger } = FUNCTIONS[name];
  const consumed: Grants = trigger.kind === 'queue' ? { [trigger.queue]: CONSUME } : {};
  const grants = [...Object.entries(GRANTS[name]), ...Object.entries(consumed)] as [TargetName, readonly string[]][];
  return grants.map(
    ([target, actions]) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [arnOf(target, targets)],
        ...(target === 'key' && { conditions: FOR_AN_OWNER }),
        ...(target === 'bus' && { conditions: onlyFrom(SOURCES[name]) }),
      }),
  );
}

/** The key opens nothing but what is sealed for a webhook, as the vault does it: with whose it is as encryption context. */
const FOR_AN_OWNER = {
  Null: { 'kms:EncryptionContext:webhook_id': 'false', 'kms:EncryptionContext:namespace_id': 'false' },
};

/**
 * The source of the events that a function may put on the bus. The CI's say who is in a namespace: a function whose work is to talk to
 * receivers has no business to say that.
 */
const SOURCES: Readonly<Partial<Record<FunctionName, string>>> = {
  api: EVENT_SOURCE,
  deliver: OWN_SOURCE,
  'dead-letter': OWN_SOURCE,
};

/** Holds for a call of which no entry is of another source. One without any source EventBridge refuses itself. */
function onlyFrom(source = '') {
  return { 'ForAllValues:StringEquals': { 'events:source': source } };
}

function arnOf(target: TargetName, { table, key, bus, queues }: Targets): string {
  switch (target) {
    case 'table':
      return table.tableArn;
    case 'due index':
      return `${table.tableArn}/index/${TABLE_SCHEMA.dueIndex.name}`;
    case 'key':
      return key.keyArn;
    case 'bus':
      return bus.eventBusArn;
    default:
      return queues[target].queueArn;
  }
}
