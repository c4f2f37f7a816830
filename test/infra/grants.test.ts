import { beforeAll, describe, expect, it } from 'vitest';
import { type FunctionName, SETTINGS_OF } from '../../functions/runtime/env.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { derivedGrants } from '../support/derived-grants.ts';
import { reachableCalls } from '../support/reachable-calls.ts';
import { referred, type Synthesised, synthesise } from '../support/template.ts';

const NAMES = Object.keys(SETTINGS_OF) as FunctionName[];
/** Beside what its code calls: its log, and what Lambda does in its name to hand it a queue's messages. */
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const CONSUME = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown };

let stack: Synthesised;
beforeAll(() => {
  stack = synthesise();
});

/** All that the role of a function may do, as `<action> on <what>`, from the template. */
function granted(name: FunctionName): string[] {
  return statementsOf(name).flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${whatIs(resource, name)}`)),
  );
}

function statementsOf(name: FunctionName): Statement[] {
  const { role } = stack.stack.webhooks.functions[name].lambda;
  const policies = stack.ofType('AWS::IAM::Policy').filter(([, { Properties }]) => {
    const roles = Properties['Roles'] as unknown[];
    return roles.some((one) => referred(one) === referred(stack.stack.resolve(role?.roleName)));
  });
  return policies.flatMap(
    ([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
  );
}

/** What a resource is to the function: by the very ARN that the template names. */
function whatIs(resource: unknown, name: FunctionName): string {
  const { storage, pipeline, functions } = stack.stack.webhooks;
  const known: Record<string, string> = {
    table: storage.table.tableArn,
    'due index': `${storage.table.tableArn}/index/due`,
    key: storage.key.keyArn,
    bus: pipeline.bus.eventBusArn,
    log: functions[name].logGroup.logGroupArn,
    ...Object.fromEntries(Object.entries(pipeline.queues).map(([queue, { queueArn }]) => [queue, queueArn])),
  };
  const text = JSON.stringify(resource);
  const found = Object.keys(known).find((key) => JSON.stringify(stack.stack.resolve(known[key])) === text);
  return found ?? text;
}

function needed(name: FunctionName): string[] {
  const { trigger } = FUNCTIONS[name];
  const code = Object.entries(derivedGrants(name)).flatMap(([on, actions]) => actions.map((one) => `${one} on ${on}`));
  const consume = trigger.kind === 'queue' ? CONSUME.map((one) => `${one} on ${trigger.queue}`) : [];
  return [...code, ...consume, ...LOG.map((one) => `${one} on log`)];
}

describe("a function's role", () => {
  it.each(NAMES)('allows what the code of %s can call, and nothing else', (name) => {
    expect(granted(name).sort()).toEqual(needed(name).sort());
  });

  it.each(NAMES)('allows %s the key for the secrets of a webhook only', (name) => {
    const ofKey = statementsOf(name).filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('kms:')),
    );
    for (const { Condition } of ofKey) {
      expect(Condition).toEqual({
        Null: { 'kms:EncryptionContext:webhook_id': 'false', 'kms:EncryptionContext:namespace_id': 'false' },
      });
    }
  });
});

describe('the bus', () => {
  const puts = (name: FunctionName) => statementsOf(name).filter(({ Action }) => Action === 'events:PutEvents');

  it("takes the CI's events from the API alone, and the service's own from who makes attempts and who buries them", () => {
    const conditions = NAMES.flatMap((name) => puts(name).map(({ Condition }) => [name, Condition]));
    const only = (source: string) => ({ 'ForAllValues:StringEquals': { 'events:source': source } });
    expect(Object.fromEntries(conditions)).toEqual({
      api: only('djinn-ci'),
      deliver: only('djinn-ci-webhooks'),
      'dead-letter': only('djinn-ci-webhooks'),
    });
  });
});

describe('what code can call', () => {
  const STORES = `
    function thingStore(table) {
      return {
        get: (key) => table.db.send(new GetCommand2({ Key: key })),
        async put(item) { await transact(table, [{ Put: item }, check(item)]); },
        list: () => table.db.send(new QueryCommand(dueQuery(table))),
      };
    }
    function check(item) { return { ConditionCheck: item }; }
    function dueQuery(table) { return { IndexName: 'due', KeyConditionExpression: 'a = :a' }; }
    function transact(table, items) { return table.db.send(new TransactWriteCommand({ TransactItems: items })); }
    function deps(env) { return { things: thingStore(env.TABLE_NAME) }; }
  `;
  const named = (code: string) => reachableCalls(`${STORES}${code}`).map(({ name }) => name);

  it('is what it names, of the stores that it is given, and all that this leads to', () => {
    expect(named('const handler = () => use(deps(env)); function use({ things }) { return things.get(1); }')).toEqual([
      'GetCommand',
    ]);
    expect(named('const handler = () => deps(env).things.put({});').sort()).toEqual([
      'ConditionCheck',
      'Put',
      'TransactWriteCommand',
    ]);
    expect(named('const handler = () => { const { list } = deps(env).things; list(); };').sort()).toEqual([
      'QueryCommand',
      'index',
    ]);
  });

  it('is nothing that it does not name', () => {
    expect(named('const handler = () => deps(env);')).toEqual([]);
  });

  it('is refused where a store goes by another name, which this way of reading would not follow', () => {
    const code =
      'const handler = () => use(deps(env)); function use(deps) { return other(deps.things); } function other(it) { it.get(); }';
    expect(() => named(code)).toThrow('Handed on by another name');
    expect(() => named('const handler = () => { const it = deps.things; deps(env); it.get(); };')).toThrow('things');
  });
});
