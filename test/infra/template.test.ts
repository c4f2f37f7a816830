import { beforeAll, describe, expect, it } from 'vitest';
import { TABLE_SCHEMA } from '../../functions/store/table.ts';
import { OUTPUT_NAMES } from '../../infra/outputs.ts';
import { allowances, type Json, namesIn, type Synthesised, synthesise } from '../support/template.ts';

let stack: Synthesised;
beforeAll(() => {
  stack = synthesise();
});

describe('nothing is public but the API', () => {
  it('which is the only one that may invoke functions beside AWS itself, in the name of this API', () => {
    for (const one of stack.propertiesOf('AWS::Lambda::Permission')) {
      expect(one['Principal']).toBe('apigateway.amazonaws.com');
      const [api] = stack.ofType('AWS::ApiGatewayV2::Api').map(([id]) => id);
      expect(namesIn(one['SourceArn'])).toContain(api);
    }
    expect(stack.ofType('AWS::Lambda::Url')).toEqual([]);
  });

  it('and queues take messages of others than our roles from the rule alone', () => {
    for (const { PolicyDocument } of stack.propertiesOf('AWS::SQS::QueuePolicy')) {
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
    const [stage] = stack.propertiesOf('AWS::ApiGatewayV2::Stage');
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
    const statements = stack.propertiesOf('AWS::IAM::Policy').flatMap((one) => allowances(one['PolicyDocument']));
    expect(statements.length).toBeGreaterThan(20);
    for (const { Action, Resource } of statements) expect(JSON.stringify([Action, Resource])).not.toContain('*');
    const queues = stack.propertiesOf('AWS::SQS::QueuePolicy').flatMap((one) => allowances(one['PolicyDocument']));
    for (const { Action, Resource } of queues) expect(JSON.stringify([Action, Resource])).not.toContain('*');
    const [key] = stack.propertiesOf('AWS::KMS::Key').map((one) => allowances(one['KeyPolicy']));
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
    const [table] = stack.propertiesOf('AWS::DynamoDB::GlobalTable');
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
    expect(stack.propertiesOf('AWS::KMS::Key')).toMatchObject([{ EnableKeyRotation: true, PendingWindowInDays: 30 }]);
  });
});

describe('the stack', () => {
  it('says where all of it is, for the command line, and what to do next', () => {
    const { Outputs } = stack.template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
    expect(Object.keys(Outputs)).toEqual(
      expect.arrayContaining([...OUTPUT_NAMES, 'ConsoleUrl', 'DashboardUrl', 'EmitCommand']),
    );
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
