import { beforeAll, describe, expect, it } from 'vitest';
import type { FunctionName } from '../../functions/runtime/env.ts';
import { EVENT_SOURCE, OWN_SOURCE } from '../../functions/transport/bus.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { QUEUES } from '../../infra/queues.ts';
import { type Json, namesIn, referred, type Synthesised, synthesise } from '../support/template.ts';

const DAY_SECONDS = 24 * 60 * 60;
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

let stack: Synthesised;
beforeAll(() => {
  stack = synthesise();
});

describe('every queue', () => {
  it('is one of those that every deployment has, as that is', () => {
    const made = stack.propertiesOf('AWS::SQS::Queue');
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
    const targets = new Set(stack.propertiesOf('AWS::SQS::Queue').flatMap((one) => deadLettersOf(one) ?? []));
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
      const policies = stack.propertiesOf('AWS::SQS::QueuePolicy').filter((one) => namesIn(one['Queues']).includes(id));
      const text = JSON.stringify(policies);
      expect(text, id).toContain('{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
    }
  });

  it('hides a message for six times as long as the function runs that it is given to', () => {
    for (const { EventSourceArn, FunctionName: reader } of stack.propertiesOf('AWS::Lambda::EventSourceMapping')) {
      const visibility = stack.resources.get(referred(EventSourceArn) ?? '')?.Properties['VisibilityTimeout'];
      const timeout = stack.resources.get(referred(reader) ?? '')?.Properties['Timeout'];
      expect(Number(visibility)).toBeGreaterThanOrEqual(6 * Number(timeout));
    }
  });
});

describe('every function', () => {
  it('is one of ours, with all that is said of how it runs', () => {
    const made = stack.propertiesOf('AWS::Lambda::Function');
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
    const groups = stack.propertiesOf('AWS::Lambda::Function').map((one) => {
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
    for (const one of stack.propertiesOf('AWS::Lambda::EventSourceMapping')) note(one['FunctionName'], 'queue');
    for (const one of stack.propertiesOf('AWS::Scheduler::Schedule')) note((one['Target'] as Json)['Arn'], 'schedule');
    for (const { RouteKey, Target } of stack.propertiesOf('AWS::ApiGatewayV2::Route')) {
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
      const alarms = stack.propertiesOf('AWS::CloudWatch::Alarm').filter((one) => namesIn(one).includes(id));
      const isScheduled = stack.propertiesOf('AWS::Scheduler::Schedule').some((one) => namesIn(one).includes(id));
      expect(alarms, String(Properties['Description'])).toHaveLength(isScheduled ? 2 : 1);
    }
  });

  it('has a role of its own that is Lambda’s to take', () => {
    const roles = stack.propertiesOf('AWS::Lambda::Function').map((one) => referred(one['Role']));
    expect(new Set(roles).size).toBe(NAMES.length);
    for (const one of stack.propertiesOf('AWS::IAM::Role')) expect(one).not.toHaveProperty('ManagedPolicyArns');
  });
});

describe('every event source', () => {
  it('reports what of a batch failed, and has its bound of invocations at once', () => {
    for (const one of stack.propertiesOf('AWS::Lambda::EventSourceMapping')) {
      expect(one).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 10 });
      expect(one).toMatchObject({ ScalingConfig: { MaximumConcurrency: expect.any(Number) } });
    }
  });

  it('every schedule runs each minute, and leaves a run that failed to the next', () => {
    for (const { ScheduleExpression, Target } of stack.propertiesOf('AWS::Scheduler::Schedule')) {
      expect(ScheduleExpression).toBe('rate(1 minute)');
      expect(Target).toMatchObject({ RetryPolicy: { MaximumRetryAttempts: 0 } });
    }
    expect(stack.propertiesOf('AWS::Lambda::EventInvokeConfig')).toHaveLength(2);
    for (const one of stack.propertiesOf('AWS::Lambda::EventInvokeConfig')) expect(one['MaximumRetryAttempts']).toBe(0);
  });
});

describe('the rule', () => {
  it('takes the CI’s events, not the service’s own, and has somewhere to put what it cannot hand over', () => {
    const [rule, ...others] = stack.propertiesOf('AWS::Events::Rule');
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

function deadLettersOf(queue: Json): string | undefined {
  return referred((queue['RedrivePolicy'] as Json | undefined)?.['deadLetterTargetArn']);
}

function maxReceives(queue: Json): unknown {
  return (queue['RedrivePolicy'] as Json | undefined)?.['maxReceiveCount'];
}
