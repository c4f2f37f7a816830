import { readFileSync } from 'node:fs';
import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { deploy } from '../support/deployment.ts';

it('what docs/operations.md puts on the bus together is delivered, each event as if it were alone', async () => {
  const section = readFileSync('docs/operations.md', 'utf8').split('### Several events in an entry\n')[1] ?? '';
  const entries = JSON.parse(/--entries '([^']+)'/.exec(section)?.[1] ?? '') as PutEventsRequestEntry[];
  const deployment = await deploy();
  try {
    const { world, drain, handlers, inspect, addWebhook } = deployment;
    await addWebhook({ payload_url: 'https://receiver.example/hook' });
    expect((await world.eventbridge.send(new PutEventsCommand({ Entries: entries }))).FailedEntryCount).toBe(0);
    await drain('events', handlers.ingest);
    const messages = (await inspect('deliveries')).ready.map((body) => readMessage(body));
    const events = messages.flatMap((one) => one ?? []);
    const payloads = await Promise.all(
      events.map(({ namespaceId, eventId, eventCreatedAt }) =>
        deployment.events.payload({ namespaceId, id: eventId, createdAt: eventCreatedAt }),
      ),
    );
    expect(events.map(({ eventType }, nth) => [eventType, Buffer.from(payloads[nth] ?? []).toString()])).toEqual([
      ['build.started', '{"id": 7}'],
      ['build.finished', '{"id": 6}'],
    ]);
  } finally {
    await deployment.stop();
  }
});
