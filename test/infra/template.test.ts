import { beforeAll, describe, expect, it } from 'vitest';
import type { FunctionName } from '../../functions/runtime/env.ts';
import { TABLE_SCHEMA } from '../../functions/store/table.ts';
import { EVENT_SOURCE, OWN_SOURCE } from '../../functions/transport/bus.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { OUTPUT_NAMES } from '../../infra/outputs.ts';
import { QUEUES } from '../../infra/queues.ts';
import { allowances, type Json, namesIn, referred, type Synthesised, synthesise } from '../support/template.ts';

const DAY_SECONDS = 24 * 60 * 60;
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

let stack: Synthesised;
beforeAll(() => {
  stack = synthesise();
});

const propertiesOf = (type: string) => stack.ofType(type).map(([, { Properties }]) => Properties);

describe('every queue', () => {
  it('is one of those that every deployment has, as that is', () => {
    const made = propertiesOf('AWS::SQS::Queue');
    expect(made).toHaveLength(QUEUES.length);
    const asMade = made.map((one) => [one['VisibilityTimeout'], one['MessageRetentionPeriod'], maxReceives(one)]);
    const asSaid = QUEUES.map((one) => [
      one.visibilityTimeoutSeconds,
      one.retentionSeconds,
      one.deadLetter?.maxReceives,
    ]);
    expect(asMade.sort()).toEqual(asSaid.sort());
  });

  it('has a dead-letter queue that keeps messages for longer, or is one', () => {
    const targets = new Set(propertiesOf('AWS::SQS::Queue').flatMap((one) => deadLettersOf(one) ?? []));
    for (const [id, { Properties }] of stack.ofType('AWS::SQS::Queue')) {
      const deadLetters = deadLettersOf(Properties);
      if (deadLetters === undefined) {
        expect(targets, id).toContain(id);
        expect(Properties['MessageRetentionPeriod'], id).toBe(14 * DAY_SECONDS);
      } else {
        const kept = stack.resources.get(deadLetters)?.Properties['MessageRetentionPeriod'];
        expect(Number(kept)).toBeGreaterThan(Number(Properties['MessageRetentionPeriod']));
      }
    }
  });

  it('is encrypted, and refuses plain HTTP', () => {
    for (const [id, { Properties }] of stack.ofType('AWS::SQS::Queue')) {
      expect(Properties['SqsManagedSseEnabled'], id).toBe(true);
      const policies = propertiesOf('AWS::SQS::QueuePolicy').filter((one) => namesIn(one['Queues']).includes(id));
      const text = JSON.stringify(policies);
      expect(text, id).toContain('{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
    }
  });

  it('hides a message for six times as long as the function runs that it is given to', () => {
    for (const { EventSourceArn, FunctionName: reader } of propertiesOf('AWS::Lambda::EventSourceMapping')) {
      const visibility = stack.resources.get(referred(EventSourceArn) ?? '')?.Properties['VisibilityTimeout'];
      const timeout = stack.resources.get(referred(reader) ?? '')?.Properties['Timeout'];
      expect(Number(visibility)).toBeGreaterThanOrEqual(6 * Number(timeout));
    }
  });
});

describe('every function', () => {
  it('is one of ours, with all that is said of how it runs', () => {
    const made = propertiesOf('AWS::Lambda::Function');
    expect(made.map((one) => one['Description']).sort()).toEqual(
      NAMES.map((name) => FUNCTIONS[name].description).sort(),
    );
    for (const one of made) {
      expect(one).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(one).toMatchObject({ MemorySize: expect.any(Number), Timeout: expect.any(Number) });
      // What costs, and nobody asked for.
      for (const not of ['VpcConfig', 'TracingConfig', 'ReservedConcurrentExecutions', 'Layers', 'FunctionName']) {
        expect(one).not.toHaveProperty(not);
      }
    }
  });

  it('logs JSON into a group of its own, which keeps it for a month', () => {
    const groups = propertiesOf('AWS::Lambda::Function').map((one) => {
      const logging = one['LoggingConfig'] as Json;
      expect(logging).toMatchObject({ LogFormat: 'JSON', ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' });
      return referred(logging['LogGroup']);
    });
    expect(new Set(groups).size).toBe(NAMES.length);
    for (const [, { Properties }] of stack.ofType('AWS::Logs::LogGroup'))
      expect(Properties['RetentionInDays']).toBe(30);
  });

  it('is invoked by what is said of it, and by nothing else', () => {
    const invoked = new Map<string, string[]>();
    const note = (target: unknown, by: string) => {
      const id = namesIn(target).find((name) => stack.resources.get(name)?.Type === 'AWS::Lambda::Function') ?? '';
      const what = String(stack.resources.get(id)?.Properties['Description']);
      invoked.set(what, [...(invoked.get(what) ?? []), by].sort());
    };
    for (const one of propertiesOf('AWS::Lambda::EventSourceMapping')) note(one['FunctionName'], 'queue');
    for (const one of propertiesOf('AWS::Scheduler::Schedule')) note((one['Target'] as Json)['Arn'], 'schedule');
    for (const { RouteKey, Target } of propertiesOf('AWS::ApiGatewayV2::Route')) {
      const integration = namesIn(Target).find(
        (id) => stack.resources.get(id)?.Type === 'AWS::ApiGatewayV2::Integration',
      );
      note(stack.resources.get(integration ?? '')?.Properties['IntegrationUri'], String(RouteKey));
    }
    for (const name of NAMES) {
      const { description, trigger } = FUNCTIONS[name];
      expect(invoked.get(description), name).toEqual(
        trigger.kind === 'http' ? [...trigger.routes].sort() : [trigger.kind],
      );
    }
  });

  it('has an alarm, and one more where a schedule runs it', () => {
    for (const [id, { Properties }] of stack.ofType('AWS::Lambda::Function')) {
      const alarms = propertiesOf('AWS::CloudWatch::Alarm').filter((one) => namesIn(one).includes(id));
      const isScheduled = propertiesOf('AWS::Scheduler::Schedule').some((one) => namesIn(one).includes(id));
      expect(alarms, String(Properties['Description'])).toHaveLength(isScheduled ? 2 : 1);
    }
  });

  it('has a role of its own that is Lambda’s to take', () => {
    const roles = propertiesOf('AWS::Lambda::Function').map((one) => referred(one['Role']));
    expect(new Set(roles).size).toBe(NAMES.length);
    for (const one of propertiesOf('AWS::IAM::Role')) expect(one).not.toHaveProperty('ManagedPolicyArns');
  });
});

describe('every event source', () => {
  it('reports what of a batch failed, and has its bound of invocations at once', () => {
    for (const one of propertiesOf('AWS::Lambda::EventSourceMapping')) {
      expect(one).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 10 });
      expect(one).toMatchObject({ ScalingConfig: { MaximumConcurrency: expect.any(Number) } });
    }
  });

  it('every schedule runs each minute, and leaves a run that failed to the next', () => {
    for (const { ScheduleExpression, Target } of propertiesOf('AWS::Scheduler::Schedule')) {
      expect(ScheduleExpression).toBe('rate(1 minute)');
      expect(Target).toMatchObject({ RetryPolicy: { MaximumRetryAttempts: 0 } });
    }
    expect(propertiesOf('AWS::Lambda::EventInvokeConfig')).toHaveLength(2);
    for (const one of propertiesOf('AWS::Lambda::EventInvokeConfig')) expect(one['MaximumRetryAttempts']).toBe(0);
  });
});

describe('nothing is public but the API', () => {
  it('which is the only one that may invoke functions beside AWS itself, in the name of this API', () => {
    for (const one of propertiesOf('AWS::Lambda::Permission')) {
      expect(one['Principal']).toBe('apigateway.amazonaws.com');
      const [api] = stack.ofType('AWS::ApiGatewayV2::Api').map(([id]) => id);
      expect(namesIn(one['SourceArn'])).toContain(api);
    }
    expect(stack.ofType('AWS::Lambda::Url')).toEqual([]);
  });

  it('and queues take messages of others than our roles from the rule alone', () => {
    for (const { PolicyDocument } of propertiesOf('AWS::SQS::QueuePolicy')) {
      for (const { Principal, Action, Condition } of allowances(PolicyDocument)) {
        expect({ Principal, Action }).toEqual({
          Principal: { Service: 'events.amazonaws.com' },
          Action: expect.anything(),
        });
        const [rule] = stack.ofType('AWS::Events::Rule').map(([id]) => id);
        expect(namesIn((Condition as Json)['ArnEquals'])).toEqual([rule]);
      }
    }
  });

  it('and it is throttled, and logs who asked for what, without queries and headers', () => {
    const [stage] = propertiesOf('AWS::ApiGatewayV2::Stage');
    expect(stage).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
    });
    const format = JSON.stringify(stage?.['AccessLogSettings']);
    expect(format).toContain('$context.requestId');
    expect(format).not.toMatch(/querystring|header|authorizer|\$context\.protocol/i);
  });
});

describe('no policy', () => {
  it('has a wildcard in what it allows, but the key’s own, whose only resource is the key', () => {
    const statements = propertiesOf('AWS::IAM::Policy').flatMap((one) => allowances(one['PolicyDocument']));
    expect(statements.length).toBeGreaterThan(20);
    for (const { Action, Resource } of statements) expect(JSON.stringify([Action, Resource])).not.toContain('*');
    const queues = propertiesOf('AWS::SQS::QueuePolicy').flatMap((one) => allowances(one['PolicyDocument']));
    for (const { Action, Resource } of queues) expect(JSON.stringify([Action, Resource])).not.toContain('*');
    const [key] = propertiesOf('AWS::KMS::Key').map((one) => allowances(one['KeyPolicy']));
    expect(key?.map(({ Principal }) => JSON.stringify(Principal))).toEqual([expect.stringContaining(':root')]);
  });
});

describe('what must outlive the stack', () => {
  it('is kept: the table, and the key that opens the secrets in it', () => {
    const kept = [...stack.ofType('AWS::DynamoDB::GlobalTable'), ...stack.ofType('AWS::KMS::Key')];
    expect(kept).toHaveLength(2);
    for (const [, resource] of kept)
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('is the table that the store knows, on demand, backed up, and not to be deleted by mistake', () => {
    const { partitionKey, sortKey, timeToLive, dueIndex } = TABLE_SCHEMA;
    const [table] = propertiesOf('AWS::DynamoDB::GlobalTable');
    expect(table).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true },
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
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          TableClass: 'STANDARD',
        },
      ],
    });
    expect(table?.['AttributeDefinitions']).toContainEqual({ AttributeName: dueIndex.sortKey, AttributeType: 'N' });
  });

  it('has a key that is rotated', () => {
    expect(propertiesOf('AWS::KMS::Key')).toMatchObject([{ EnableKeyRotation: true, PendingWindowInDays: 30 }]);
  });
});

describe('the rule', () => {
  it('takes the CI’s events, not the service’s own, and has somewhere to put what it cannot hand over', () => {
    const [rule, ...others] = propertiesOf('AWS::Events::Rule');
    expect(others).toEqual([]);
    expect(rule?.['EventPattern']).toEqual({ source: [EVENT_SOURCE] });
    expect(JSON.stringify(rule?.['EventPattern'])).not.toContain(`"${OWN_SOURCE}"`);
    const [target] = [rule?.['Targets']].flat() as readonly Json[];
    expect(namesIn(target?.['Arn'])).toEqual([expect.stringContaining('PipelineEvents')]);
    expect(target).toMatchObject({ RetryPolicy: { MaximumEventAgeInSeconds: DAY_SECONDS, MaximumRetryAttempts: 185 } });
    const deadLetters = namesIn(target?.['DeadLetterConfig']);
    expect(deadLetters).toEqual([expect.stringContaining('EventsDeadLetter')]);
  });
});

describe('the stack', () => {
  it('says where all of it is, for the command line, and what to do next', () => {
    const { Outputs } = stack.template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
    expect(Object.keys(Outputs)).toEqual(expect.arrayContaining([...OUTPUT_NAMES, 'ConsoleUrl', 'EmitCommand']));
    expect(Outputs['FirstTokenCommand']?.Value).toBe('npm run ctl -- --stack DjinnWebhooks token create admin');
  });

  it('names nothing itself, so that anything can be replaced, but the bus, which producers know by its name', () => {
    const named = [...stack.resources].flatMap(([, { Type, Properties = {} }]) =>
      Object.keys(Properties)
        .filter((key) => /^(Name|(?!Attribute|Function|Metric|Policy|Stage)\w+Name)$/.test(key))
        .map((key) => `${Type} ${key}`),
    );
    // An HTTP API must have a name, which need not be its alone; the rule's is that of its bus.
    const ofOthers = ['AWS::ApiGatewayV2::Api Name', 'AWS::Events::Rule EventBusName'];
    expect(new Set(named)).toEqual(new Set(['AWS::Events::EventBus Name', ...ofOthers]));
  });

  it('has nothing that is not ours: no bucket, no custom resource', () => {
    const types = [...new Set([...stack.resources.values()].map(({ Type }) => Type))];
    expect(types.filter((type) => /S3|Custom|CloudFormation|EC2|Secrets/.test(type))).toEqual([]);
  });
});

function deadLettersOf(queue: Json): string | undefined {
  return referred((queue['RedrivePolicy'] as Json | undefined)?.['deadLetterTargetArn']);
}

function maxReceives(queue: Json): unknown {
  return (queue['RedrivePolicy'] as Json | undefined)?.['maxReceiveCount'];
}
