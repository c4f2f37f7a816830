import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { type Api, followPages, ORIGIN, openApi, read, WEBHOOKS } from './api.ts';
import { attemptOf } from './attempts.ts';

type Summary = { readonly id: string; readonly attempts_made: number; readonly status: string };
type Entity = Summary & { readonly attempts: readonly { readonly number: number }[] };

const DAY_MS = 24 * 60 * 60 * 1000;
const EVENT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-11-23T11:59:59.000Z' };
const FAILURE: Partial<Attempt> = {
  status: 'retrying',
  response: undefined,
  error: { class: 'connection', message: 'The connection was refused' },
  nextAttemptAt: '2026-11-23T12:05:00.000Z',
};

let api: Api;
let webhook: Webhook;
let webhooks = 0;

beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

async function newWebhook(): Promise<string> {
  webhooks += 1;
  webhook = await api.addWebhook({ payload_url: `https://receiver.example/${webhooks}` });
  return `${WEBHOOKS}/${webhook.id}`;
}

/** The id of a delivery of an event so many seconds before noon. */
function idAt(secondsBeforeNoon: number): string {
  const createdAt = new Date(Date.parse('2026-11-23T12:00:00Z') - secondsBeforeNoon * 1000).toISOString();
  return deliveryId({ id: EVENT.id, createdAt }, webhook.id);
}

/** Records attempts of the newest webhook's. */
async function record(...attempts: readonly (Partial<Attempt> & Pick<Attempt, 'deliveryId'>)[]): Promise<void> {
  const of = { webhookId: webhook.id, namespaceId: webhook.namespaceId };
  const recordings = attempts.map((attempt) => ({ attempt: attemptOf({ eventId: EVENT.id, ...of, ...attempt }) }));
  expect(new Set(await api.attempts.record(recordings))).toEqual(new Set(['inserted']));
}

describe('the log of a webhook', () => {
  it('is empty at first, and ends without a link', async () => {
    const at = await newWebhook();
    const answer = await api.call(`${at}/deliveries`);
    expect(answer.headers.get('link')).toBeNull();
    expect(await answer.json()).toEqual([]);
  });

  it('has the newest delivery first, whenever its attempts were recorded', async () => {
    const at = await newWebhook();
    const ids = [1, 2, 3].map(idAt);
    for (const index of [1, 2, 0]) await record({ deliveryId: ids[index] ?? '' });
    await record({ deliveryId: ids[2] ?? '', number: 2, startedAt: '2026-11-23T12:30:00.000Z' });
    const rows = await read<Summary[]>(api.call(`${at}/deliveries`));
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it('shows where a delivery stands by its last attempt', async () => {
    const at = await newWebhook();
    const id = idAt(1);
    await record({ deliveryId: id, ...FAILURE });
    await record({ deliveryId: id, ...FAILURE, number: 2, durationMs: 7, nextAttemptAt: '2026-11-23T12:35:00.000Z' });
    const expected = {
      id,
      event: { id: EVENT.id, type: 'build.finished', created_at: EVENT.createdAt },
      webhook_id: webhook.id,
      status: 'retrying',
      redelivery: false,
      test: false,
      attempts_made: 2,
      response_status: null,
      error: FAILURE.error,
      held: null,
      started_at: '2026-11-23T12:00:00.000Z',
      duration_ms: 7,
      next_attempt_at: '2026-11-23T12:35:00.000Z',
      url: `${ORIGIN}${at}/deliveries/${id}`,
    };
    expect(await read(api.call(`${at}/deliveries`))).toEqual([expected]);
    await record({ deliveryId: id, number: 3, firstOfRun: 3 });
    const after = { status: 'succeeded', response_status: 204, error: null, next_attempt_at: null, redelivery: true };
    expect(await read(api.call(`${at}/deliveries`))).toMatchObject([{ id, attempts_made: 3, ...after }]);
    expect(await read(api.call(expected.url))).toMatchObject({ id, attempts_made: 3, ...after });
  });

  it('is paged by whole deliveries, each once', async () => {
    const at = await newWebhook();
    // By turns one, two, three and twelve attempts, of which some fill more than a page of a query of the table's.
    const counts = [1, 12, 3, 2, 12, 1, 1, 3, 12];
    const ids = counts.map((_, index) => idAt(index));
    for (const [index, count] of counts.entries()) {
      const numbers = Array.from({ length: count }, (_, at) => at + 1);
      await record(...numbers.map((number) => ({ deliveryId: ids[index] ?? '', number })));
    }
    for (const perPage of [1, 2, 4, 8, 9, 100]) {
      const pages = await followPages<Summary>(api, `${at}/deliveries?per_page=${perPage}`);
      expect(pages.map((page) => page.length).slice(0, -1)).toEqual(Array(pages.length - 1).fill(perPage));
      expect(pages.flat().map(({ id }) => id)).toEqual(ids);
      expect(pages.flat().map((row) => row.attempts_made)).toEqual(counts);
      const { rows: deliveries } = await api.attempts.page(webhook.id, { limit: perPage, nowMs: api.clock.nowMs });
      expect(deliveries.map((attempts) => attempts.length)).toEqual(counts.slice(0, perPage));
    }
    for (const [index, id] of ids.entries()) {
      const { attempts } = await read<Entity>(api.call(`${at}/deliveries/${id}`));
      expect(attempts.map(({ number }) => number)).toEqual(Array.from({ length: counts[index] ?? 0 }, (_, n) => n + 1));
    }
  });

  it.each(['per_page=0', 'per_page=101', 'per_page=abc', 'cursor=abc', 'cursor=', 'cursor=1', 'cursor=~'])(
    'refuses %s',
    async (query) => {
      const at = await newWebhook();
      expect(await read(api.call(`${at}/deliveries?${query}`), 400)).toEqual({
        message: expect.stringMatching(/must/),
      });
    },
  );

  it('takes a cursor that Link gave, and none that was tampered with', async () => {
    const at = await newWebhook();
    for (const second of [1, 2]) await record({ deliveryId: idAt(second) });
    const link = (await api.call(`${at}/deliveries?per_page=1`)).headers.get('link');
    expect(link).toBe(`<${ORIGIN}${at}/deliveries?per_page=1&cursor=after.${idAt(1)}>; rel="next"`);
    expect(await read(api.call(`${at}/deliveries?cursor=after.${idAt(1)}`))).toMatchObject([{ id: idAt(2) }]);
    for (const tampered of [idAt(1), `after.${idAt(1).slice(1)}`, `after.${idAt(1)}x`, `behind.${idAt(1)}`, 'after.']) {
      await read(api.call(`${at}/deliveries?cursor=${tampered}`), 400);
    }
  });
});

describe('a delivery', () => {
  it('shows its attempts, first to last, with what was sent and answered', async () => {
    const at = await newWebhook();
    const id = idAt(1);
    const headers = [['X-Twice', '1'] as const, ['X-Twice', '2'] as const];
    const body = Buffer.from('{"error":"<b>später</b>"}');
    await record({ deliveryId: id, ...FAILURE, request: undefined });
    await record({ deliveryId: id, number: 2, response: { status: 200, headers, body, truncated: true } });
    const { attempts } = await read<Entity>(api.call(`${at}/deliveries/${id}`));
    const times = { started_at: '2026-11-23T12:00:00.000Z', duration_ms: 12, redelivery: false };
    const { error, nextAttemptAt: next_attempt_at } = FAILURE;
    const request = { url: 'https://receiver.example/hook', headers: [['User-Agent', 'Djinn-CI-Hook']] };
    const response = { status: 200, headers, body: body.toString(), truncated: true };
    const unmeasured = {
      timing: { dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null },
      connection_reused: false,
      http_version: null,
      certificate: null,
    };
    expect(attempts).toEqual([
      { number: 1, status: 'retrying', ...times, request: null, response: null, error, ...unmeasured, next_attempt_at },
      {
        number: 2,
        status: 'succeeded',
        ...times,
        request,
        response,
        error: null,
        ...unmeasured,
        next_attempt_at: null,
      },
    ]);
  });

  it('shows what its attempts say of their connections, but no address', async () => {
    const at = await newWebhook();
    const connection = {
      dnsMs: 4,
      connectMs: 21,
      tlsMs: 44,
      firstByteMs: 117,
      httpVersion: '1.1',
      certificateExpiresAt: '2026-12-01T00:00:00.000Z',
      remoteAddress: '198.51.100.77',
    };
    await record({ deliveryId: idAt(1), connection });
    await record({
      deliveryId: idAt(1),
      number: 2,
      connection: { reused: true, dnsMs: 9, certificateExpiresAt: '2027-02-01T00:00:00Z' },
    });
    const text = await (await api.call(`${at}/deliveries/${idAt(1)}`)).text();
    expect(JSON.parse(text)).toMatchObject({
      attempts: [
        {
          timing: { dns_ms: 4, connect_ms: 21, tls_ms: 44, first_byte_ms: 117 },
          connection_reused: false,
          http_version: '1.1',
          certificate: {
            expires_at: '2026-12-01T00:00:00.000Z',
            warning: "The receiver's certificate expires on 2026-12-01. Renew it, or deliveries will fail",
          },
        },
        {
          timing: { dns_ms: 9, connect_ms: null, tls_ms: null, first_byte_ms: null },
          connection_reused: true,
          http_version: null,
          certificate: { expires_at: '2027-02-01T00:00:00Z', warning: null },
        },
      ],
    });
    const list = await (await api.call(`${at}/deliveries`)).text();
    expect(text + list).not.toContain('198.51.100');
  });

  it.each([
    ['spaces, big numbers and escapes', String.raw`{ "n": 9007199254740993, "e":1.0E+2,"u":"\u00e9é😀\/" , "n":1 }`],
    ['markup', '{"a":"</script><!--"}'],
    ['400 KB', JSON.stringify({ text: Buffer.alloc(300_000, 7).toString('base64') })],
  ])('shows its payload as the producer wrote it: %s', async (_, payload) => {
    const at = await newWebhook();
    const event = { id: crypto.randomUUID(), type: 'build.finished', createdAt: EVENT.createdAt, payload } as const;
    const { namespaceId } = webhook;
    const opening = { openedBy: 'a message', receivedAt: EVENT.createdAt, verdicts: { sent: [webhook.id] } };
    await api.events.open([{ event: { ...event, namespaceId }, ...opening }]);
    await record({ deliveryId: idAt(1), eventId: event.id });
    expect(await read(api.call(`${at}/deliveries/${idAt(1)}`))).toMatchObject({ payload });
  });

  it('shows none where the payload is no longer kept', async () => {
    const at = await newWebhook();
    await record({ deliveryId: idAt(1) });
    expect(await read(api.call(`${at}/deliveries/${idAt(1)}`))).toMatchObject({ payload: null });
  });

  it('has its newest thirty attempts where it was redelivered many times', async () => {
    const at = await newWebhook();
    const deliveryId = idAt(0);
    const numbers = Array.from({ length: 41 }, (_, index) => index + 1);
    for (const number of numbers) await record({ deliveryId, number, firstOfRun: number });
    const { attempts, attempts_made } = await read<Entity>(api.call(`${at}/deliveries/${deliveryId}`));
    expect(attempts.map(({ number }) => number)).toEqual(numbers.slice(-30));
    expect(attempts_made).toBe(41);
  });

  it.each([11, 30])(
    'fits into an answer of Lambda, however large its payload and its %i attempts are',
    async (count) => {
      const at = await newWebhook();
      const event = { ...EVENT, id: randomUUID() };
      const payload = JSON.stringify({ text: '\\'.repeat(500_000) });
      const opened = {
        event: { ...event, namespaceId: webhook.namespaceId, type: 'cron', payload },
        verdicts: {},
        receivedAt: event.createdAt,
        openedBy: 'x',
      } as const;
      expect(await api.events.open([opened])).toEqual(['inserted']);
      // What JSON makes six bytes of each, and Lambda, which has the answer as a string in JSON, seven; of a quotation mark four.
      const headers = Array.from({ length: 16 }, (_, nth) => [`x-${nth}`, '"'.repeat(1_000)] as const);
      const response = { status: 500, headers, body: Buffer.alloc(16 * 1024), truncated: true };
      const id = deliveryId(event, webhook.id);
      for (let number = 1; number <= count; number++) {
        await record({
          deliveryId: id,
          eventId: event.id,
          eventCreatedAt: event.createdAt,
          number,
          firstOfRun: number,
          response,
          status: 'dead',
        });
      }
      const text = await (await api.call(`${at}/deliveries/${id}`)).text();
      const { attempts } = JSON.parse(text) as Entity;
      expect(JSON.stringify({ body: text }).length).toBeLessThan(6 * 1024 * 1024);
      expect(attempts.length).toBeGreaterThan(5);
      expect(attempts.at(-1)?.number).toBe(count);
    },
  );

  it('gives its webhook the last response', async () => {
    const at = await newWebhook();
    await record({ deliveryId: idAt(2) });
    const response = { code: 204, duration: 12_000_000, error: null, created_at: '2026-11-23T12:00:00.000Z' };
    expect(await read(api.call(at))).toMatchObject({ last_response: response });
    await record({ deliveryId: idAt(1), ...FAILURE });
    expect(await read(api.call(at))).toMatchObject({ last_response: { code: null, error: FAILURE.error?.message } });
  });

  it('is gone after 30 days, though the table may still have it', async () => {
    const at = await newWebhook();
    await record({ deliveryId: idAt(1) });
    const noon = api.clock.nowMs;
    api.clock.nowMs = noon + 30 * DAY_MS - 1;
    expect(await read(api.call(`${at}/deliveries`))).toHaveLength(1);
    for (api.clock.nowMs of [30, 31].map((days) => noon + days * DAY_MS)) {
      expect(await read(api.call(`${at}/deliveries`))).toEqual([]);
      expect(await read(api.call(`${at}/deliveries/${idAt(1)}`), 404)).toEqual({ message: 'Not found' });
      expect(await read(api.call(at))).toMatchObject({ last_response: null });
    }
    api.clock.nowMs = noon;
  });
});
