import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../infra/context.ts';
import { checkProps, type DjinnWebhooksProps } from '../../infra/props.ts';
import { allowances, type Json, namesIn, type Synthesised, synthesise } from '../support/template.ts';

const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b-2c3d';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms';

const settingsOf = (context: Record<string, unknown>) => readSettings(new App({ context }).node);
const environments = ({ ofType }: Synthesised) =>
  ofType('AWS::Lambda::Function').map(
    ([, { Properties }]) => (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables,
  );
const given = (stack: Synthesised, setting: string) =>
  new Set(environments(stack).flatMap((one) => (setting in one ? [one[setting]] : [])));

describe('settings', () => {
  it('may all be left out', () => {
    expect(settingsOf({})).toEqual({ stackName: 'DjinnWebhooks' });
  });

  it('are read as the command line gives them, which is text, and as cdk.json may', () => {
    const text = { allowedNetworks: '10.1.0.0/16, 10.2.0.0/16', allowInsecureTls: 'true', maximumConcurrency: '20' };
    const values = { allowedNetworks: ['10.1.0.0/16', '10.2.0.0/16'], allowInsecureTls: true, maximumConcurrency: 20 };
    expect(settingsOf(text)).toEqual({ stackName: 'DjinnWebhooks', ...values });
    expect(settingsOf(values)).toEqual(settingsOf(text));
  });

  it.each([
    [{ allowedNetwork: '10.0.0.0/8' }, 'allowedNetwork is no setting'],
    [{ domainName: 'hooks.example.com' }, 'domainName and certificateArn go together'],
    [{ certificateArn: CERTIFICATE }, 'domainName and certificateArn go together'],
    [{ certificateArn: 'nonsense', domainName: 'hooks.example.com' }, "must be a certificate's ARN"],
    [{ vpcId: 'vpc-0a1b2c3d' }, 'vpcId and subnetIds go together'],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d', staticEgressIps: 1 },
      'Give vpcId or staticEgressIps, not both',
    ],
    [{ subnetIds: 'a,b', vpcId: 'vpc-0a1b2c3d' }, 'must be ids such as'],
    [{ vpcId: 'my-vpc', subnetIds: 'subnet-0a1b2c3d' }, "must be a VPC's id"],
    [{ staticEgressIps: 3 }, 'staticEgressIps must be 1 to 2'],
    [{ staticEgressIps: 0 }, 'staticEgressIps must be 1 to 2'],
    [
      { existingBusName: 'arn:aws:events:eu-west-1:123456789012:event-bus/ci' },
      'existingBusName must be the name of a bus, and not its ARN',
    ],
    [{ busName: 'a', existingBusName: 'b' }, 'Give busName or existingBusName, not both'],
    [{ alarmEmail: 'a@b.c', alarmTopicArn: TOPIC }, 'Give alarmEmail or alarmTopicArn, not both'],
    [{ alarmTopicArn: 'alarms' }, "must be a topic's ARN"],
    [{ allowInsecureTls: 'yes' }, 'must be true or false'],
    [{ logLevel: 'verbose' }, 'must be DEBUG, INFO, WARN or ERROR'],
    [{ logRetentionDays: 31 }, 'must be one of 1, 3, 5'],
    [{ maximumConcurrency: 'many' }, 'must be a whole number'],
    [{ stackName: 'my stack' }, 'must be a name of'],
  ])('are refused with what to do: %j', (context, sentence) => {
    expect(() => settingsOf(context)).toThrow(sentence);
  });

  it('of the library and of its look-ups are not ours to judge', () => {
    expect(settingsOf({ '@aws-cdk/core:x': true, 'aws:cdk:y': [], 'vpc-provider:account=1': {} })).toEqual(
      settingsOf({}),
    );
  });

  it('of the CDK CLI, which it keeps where ours are, are not either', () => {
    expect(settingsOf({ 'acknowledged-issue-numbers': [34892], 'cli-telemetry': false })).toEqual(settingsOf({}));
  });
});

describe('props', () => {
  const stack = () => new Stack(new App(), 'Stack');

  it.each<[DjinnWebhooksProps, string]>([
    [{ allowedNetworks: ['10.1.0.0'] }, 'is no network in CIDR notation'],
    [{ allowedNetworks: ['10.1.0.0/33'] }, 'is no network in CIDR notation'],
    [{ allowedNetworks: Array.from({ length: 200 }, (_, n) => `10.1.${n}.0/24`) }, 'name wider networks'],
    [{ allowedNetworks: ['127.0.0.0/8'] }, '127.0.0.0/8 stays closed'],
    [{ allowedNetworks: ['169.254.169.254/32'] }, '169.254.169.254/32 stays closed'],
    [{ eventSources: ['djinn-ci', 'djinn-ci-webhooks'] }, "djinn-ci-webhooks is the service's own"],
    [{ eventSources: ['aws.ec2'] }, "is AWS's"],
    [{ eventSources: ['a b'] }, 'is no source of events'],
    [{ busName: 'default' }, 'the default bus is there already'],
    [{ busName: 'my bus' }, 'is no name of a bus'],
    [{ maximumConcurrency: 1 }, 'maximumConcurrency: must be a whole number from 2 to 1000'],
    [{ maximumConcurrency: 2.5 }, 'must be a whole number'],
    [{ requestsPerSecond: 0 }, 'requestsPerSecond: must be a whole number from 1'],
    [{ alarmsTo: { email: 'nobody' } }, 'is no e-mail address'],
  ])('are refused with what to do: %j', (props, sentence) => {
    expect(() => checkProps(stack(), props)).toThrow(sentence);
  });

  it('may be what is only known at deployment, and networks may be wide', () => {
    checkProps(stack(), {
      allowedNetworks: ['0.0.0.0/0', '10.0.0.0/8', 'fd00::/8'],
      eventSources: ['djinn-ci', 'ci.example'],
    });
    const existing = stack();
    expect(() =>
      checkProps(existing, { busName: 'a', existingBus: EventBus.fromEventBusName(existing, 'Bus', 'b') }),
    ).toThrow('give one of them');
  });

  it('that reach no private network are warned of', () => {
    const lonely = stack();
    checkProps(lonely, { allowedNetworks: ['10.0.0.0/8'] });
    Annotations.fromStack(lonely).hasWarning('*', Match.stringLikeRegexp('reach no private network'));
  });
});

describe('a deployment with everything said', () => {
  let stack: Synthesised;
  beforeAll(() => {
    stack = synthesise({
      existingBusName: 'default',
      eventSources: ['ci.example'],
      domainName: 'hooks.example.com',
      certificateArn: CERTIFICATE,
      vpcId: 'vpc-0a1b2c3d',
      subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
      allowedNetworks: ['10.1.0.0/16', '10.2.0.0/16'],
      allowInsecureTls: true,
      maximumConcurrency: 20,
      requestsPerSecond: 10,
      logLevel: 'WARN',
      logRetentionDays: 365,
      alarmTopicArn: TOPIC,
    });
  });

  it('has them where they count', () => {
    expect(given(stack, 'ALLOWED_NETWORKS')).toEqual(new Set(['10.1.0.0/16,10.2.0.0/16']));
    expect(given(stack, 'ALLOW_INSECURE_TLS')).toEqual(new Set(['true']));
    expect(given(stack, 'PUBLIC_URL')).toEqual(new Set(['https://hooks.example.com']));
    expect(stack.ofType('AWS::Events::EventBus')).toEqual([]);
    const has = (type: string, properties: Json) => stack.template.hasResourceProperties(type, properties);
    has('AWS::Events::Rule', { EventBusName: 'default', EventPattern: { source: ['djinn-ci', 'ci.example'] } });
    has('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
    has('AWS::ApiGatewayV2::DomainName', { DomainName: 'hooks.example.com' });
    has('AWS::ApiGatewayV2::Stage', { DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 } });
    has('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency: 20 } });
    stack.template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
    stack.template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [TOPIC], OKActions: [TOPIC] });
  });

  it('has the one function in the VPC that sends to receivers', () => {
    const inside = stack.ofType('AWS::Lambda::Function').filter(([, { Properties }]) => 'VpcConfig' in Properties);
    expect(inside.map(([, { Properties }]) => Properties['Description'])).toEqual(['Makes the attempts of deliveries']);
    expect(inside[0]?.[1].Properties['VpcConfig']).toMatchObject({ SubnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'] });
  });

  it('logs from that level on, but for the function whose metrics are lines of the level INFO', () => {
    const levels = stack
      .ofType('AWS::Lambda::Function')
      .map(([, { Properties }]) => [
        Properties['Description'] === 'Makes the attempts of deliveries',
        (Properties['LoggingConfig'] as Json)['ApplicationLogLevel'],
      ]);
    expect(new Set(levels.map(String))).toEqual(new Set(['false,WARN', 'true,INFO']));
  });

  it('leaves cdk-nag nothing to find', () => {
    expect(findings(stack)).toEqual([]);
  });
});

describe('a deployment with addresses of its own', () => {
  let stack: Synthesised;
  beforeAll(() => {
    stack = synthesise({ staticEgressIps: 2, alarmEmail: 'ops@example.com' });
  });

  it('has a NAT gateway for each, and names them for receivers to admit', () => {
    expect(stack.ofType('AWS::EC2::NatGateway')).toHaveLength(2);
    const addresses = stack.ofType('AWS::EC2::EIP').map(([id]) => id);
    const { Outputs } = stack.template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
    expect(namesIn(Outputs['EgressIps']?.Value)).toEqual(addresses);
  });

  it('sends alarms to a topic that takes them from the account, and refuses plain HTTP', () => {
    stack.template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com' });
    const [[topic = ''] = []] = stack.ofType('AWS::SNS::Topic');
    const [[, policy] = []] = stack.ofType('AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policy)).toContain('aws:SecureTransport');
    // A topic with a policy takes from nobody but those whom it names.
    expect(allowances(policy?.Properties['PolicyDocument'])).toMatchObject([
      {
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: topic },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('leaves cdk-nag nothing to find', () => {
    expect(findings(stack)).toEqual([]);
  });
});

describe('cdk-nag', () => {
  it('finds nothing in a deployment of which nothing was said', () => {
    expect(findings(synthesise())).toEqual([]);
  });

  it('would find what is wrong', () => {
    const careless = synthesise();
    new Queue(careless.stack, 'Careless');
    expect(findings(careless)).toEqual(['AwsSolutions-SQS3', 'AwsSolutions-SQS4']);
  });
});

/** What AwsSolutions has against a stack, that was not acknowledged with a reason. */
function findings({ stack }: Pick<Synthesised, 'stack'>): string[] {
  const report = new AwsSolutionsChecks().validateScope(stack.node.root);
  return report.violations.map(({ ruleName }) => ruleName);
}
