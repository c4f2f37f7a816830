/** What the examples in `openapi.json` are made of, by the same functions that make answers. */
import type { Attempt, Delivery } from '../../domain/delivery.ts';
import { deliveryId } from '../../domain/id.ts';
import type { Namespace } from '../../domain/namespace.ts';
import type { Recovery } from '../../domain/recovery.ts';
import { deliveryRequest } from '../../domain/request.ts';
import type { Webhook } from '../../domain/webhook.ts';

/** Where the examples' API stands. */
export const EXAMPLE_BASE = 'https://ci.example';

const EVENT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-03-09T14:07:48.000Z' };
const PAYLOAD = '{"action":"created","image":{"id":3,"name":"debian/bookworm"}}';

export const EXAMPLE_NAMESPACE: Namespace = {
  id: 1,
  rootId: 1,
  owner: { id: 1, username: 'admin', email: 'admin@ci.example', createdAt: '2026-03-01T10:00:00.000Z' },
  path: 'demo',
  description: 'Builds of the demonstration projects',
  visibility: 'private',
  createdAt: '2026-03-02T08:30:00.000Z',
};

export const EXAMPLE_WEBHOOK: Webhook = {
  id: 3,
  namespaceId: 1,
  authorId: 1,
  payloadUrl: 'https://receiver.example/hook',
  ssl: true,
  active: true,
  events: ['images', 'objects'],
  sealedSecret: 'sealed',
  createdAt: '2026-03-02T09:00:00.000Z',
};

const first: Attempt = {
  deliveryId: deliveryId(EVENT, EXAMPLE_WEBHOOK.id),
  webhookId: EXAMPLE_WEBHOOK.id,
  namespaceId: EXAMPLE_NAMESPACE.id,
  eventId: EVENT.id,
  eventCreatedAt: EVENT.createdAt,
  eventType: 'images',
  number: 1,
  firstOfRun: 1,
  status: 'retrying',
  startedAt: '2026-03-09T14:07:49.012Z',
  durationMs: 118,
  request: deliveryRequest({
    webhook: EXAMPLE_WEBHOOK,
    eventType: 'images',
    deliveryId: deliveryId(EVENT, EXAMPLE_WEBHOOK.id),
    body: Buffer.from(PAYLOAD),
    secrets: ['correct horse battery staple'],
    nowMs: Date.parse('2026-03-09T14:07:49.012Z'),
  }),
  response: {
    status: 503,
    headers: [['content-type', 'text/plain']],
    body: Buffer.from('Back in a minute'),
    truncated: false,
  },
  error: { class: 'status', message: 'The receiver answered 503' },
  connection: {
    dnsMs: 4,
    connectMs: 21,
    tlsMs: 44,
    firstByteMs: 117,
    httpVersion: '1.1',
    certificateExpiresAt: '2026-03-20T23:59:59.000Z',
    remoteAddress: '203.0.113.7',
  },
  nextAttemptAt: '2026-03-09T14:07:54.730Z',
};

export const EXAMPLE_DELIVERY: Delivery = [
  first,
  {
    ...first,
    number: 2,
    status: 'succeeded',
    startedAt: '2026-03-09T14:07:54.801Z',
    durationMs: 97,
    response: { status: 204, headers: [], body: new Uint8Array(), truncated: false },
    error: undefined,
    nextAttemptAt: undefined,
  },
];

export const EXAMPLE_EVENT = {
  ...EVENT,
  namespaceId: EXAMPLE_NAMESPACE.id,
  type: 'images',
  receivedAt: '2026-03-09T14:07:48.310Z',
  payloadBytes: PAYLOAD.length,
  isTest: false,
  verdicts: { sent: [EXAMPLE_WEBHOOK.id] },
} as const;

export const EXAMPLE_RECOVERY: Recovery = {
  id: '019cd2f1-5e8b-7a10-9c37-5d1f0b6f2a44',
  webhookId: EXAMPLE_WEBHOOK.id,
  namespaceId: EXAMPLE_NAMESPACE.id,
  status: 'running',
  filter: { since: '2026-03-08T00:00:00.000Z', until: '2026-03-09T18:00:00.000Z', status: 'missed' },
  cursor: first.deliveryId,
  deliveriesRead: 412,
  deliveriesRedelivered: 100,
  createdAt: '2026-03-09T18:00:00.000Z',
  updatedAt: '2026-03-09T18:00:01.204Z',
};

export const EXAMPLE_PAYLOAD: Uint8Array = Buffer.from(PAYLOAD);
