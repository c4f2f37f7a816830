import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { expect, it } from 'vitest';
import { DjinnWebhooks } from '../../infra/djinn-webhooks.ts';
import { deploy } from '../support/deployment.ts';

it('a producer may be let send to the events queue, and nothing else', () => {
  const stack = new Stack(new App());
  const webhooks = new DjinnWebhooks(stack, 'Webhooks');
  const role = new Role(stack, 'Producer', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  webhooks.grantSendEvents(role);
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const ofRole = policies.filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('Producer'));
  expect(ofRole.map(({ Properties }) => Properties.PolicyDocument.Statement)).toEqual([
    [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: stack.resolve(webhooks.pipeline.queues.events.queueArn) }],
  ]);
});

it('what docs/operations.md sends past the bus is delivered, once', async () => {
  const section = readFileSync('docs/operations.md', 'utf8').split('### Past the bus\n')[1] ?? '';
  const message = /--message-body '([^']+)'/.exec(section)?.[1] ?? '';
  const { detail } = JSON.parse(message);
  const deployment = await deploy();
  try {
    const { namespace, send, drain, handlers, inspect, addWebhook } = deployment;
    expect(namespace.id).toBe(detail.namespace_id);
    await addWebhook({ payload_url: 'https://receiver.example/hook' });
    await send('events', [message, message]);
    await drain('events', handlers.ingest);
    const { ready } = await inspect('deliveries');
    expect(new Set(ready).size).toBe(1);
    const key = { namespaceId: namespace.id, id: detail.id, createdAt: '2026-11-23T12:00:00.000Z' };
    const payload = await deployment.events.payload(key);
    expect(Buffer.from(payload ?? []).toString()).toBe('{"id": 7}');
  } finally {
    await deployment.stop();
  }
});
