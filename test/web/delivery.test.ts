import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { read } from './api.ts';
import { EVENT, type Log, openLog } from './log.ts';

type Summary = { readonly id: string; readonly attempts_made: number; readonly status: string };
type Entity = Summary & { readonly attempts: readonly { readonly number: number }[] };

const DAY_MS = 24 * 60 * 60 * 1000;
const FAILURE: Partial<Attempt> = {
  status: 'retrying',
  response: undefined,
  error: { class: 'connection', message: 'The connection was refused' },
  nextAttemptAt: '2026-11-23T12:05:00.000Z',
};

let log: Log;
beforeAll(async () => {
  log = await openLog();
});
afterAll(() => log.stop());

describe('a delivery', () => {
  it('shows its attempts, first to last, with what was sent and answered', async () => {
    const at = await log.newWebhook();
    const id = log.idAt(1);
    const headers = [['X-Twice', '1'] as const, ['X-Twice', '2'] as const];
    const body = Buffer.from('{"error":"<b>später</b>"}');
    await log.record({ deliveryId: id, ...FAILURE, request: undefined });
    await log.record({ deliveryId: id, number: 2, response: { status: 200, headers, body, truncated: true } });
    const { attempts } = await read<Entity>(log.api.call(`${at}/deliveries/${id}`));
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
    const at = await log.newWebhook();
    const connection = {
      dnsMs: 4,
      connectMs: 21,
      tlsMs: 44,
      firstByteMs: 117,
      httpVersion: '1.1',
      certificateExpiresAt: '2026-12-01T00:00:00.000Z',
      remoteAddress: '198.51.100.77',
    };
    await log.record({ deliveryId: log.idAt(1), connection });
    await log.record({
      deliveryId: log.idAt(1),
      number: 2,
      connection: { reused: true, dnsMs: 9, certificateExpiresAt: '2027-02-01T00:00:00Z' },
    });
    const text = await (await log.api.call(`${at}/deliveries/${log.idAt(1)}`)).text();
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
    const list = await (await log.api.call(`${at}/deliveries`)).text();
    expect(text + list).not.toContain('198.51.100');
  });

  it.each([
    ['spaces, big numbers and escapes', String.raw`{ "n": 9007199254740993, "e":1.0E+2,"u":"\u00e9é😀\/" , "n":1 }`],
    ['markup', '{"a":"</script><!--"}'],
    ['400 KB', JSON.stringify({ text: Buffer.alloc(300_000, 7).toString('base64') })],
  ])('shows its payload as the producer wrote it: %s', async (_, payload) => {
    const at = await log.newWebhook();
    const event = { id: crypto.randomUUID(), type: 'build.finished', createdAt: EVENT.createdAt, payload } as const;
    const { namespaceId } = log.webhook();
    const opening = { openedBy: 'a message', receivedAt: EVENT.createdAt, verdicts: { sent: [log.webhook().id] } };
    await log.api.events.open([{ event: { ...event, namespaceId }, ...opening }]);
    await log.record({ deliveryId: log.idAt(1), eventId: event.id });
    expect(await read(log.api.call(`${at}/deliveries/${log.idAt(1)}`))).toMatchObject({ payload });
  });

  it('shows none where the payload is no longer kept', async () => {
    const at = await log.newWebhook();
    await log.record({ deliveryId: log.idAt(1) });
    expect(await read(log.api.call(`${at}/deliveries/${log.idAt(1)}`))).toMatchObject({ payload: null });
  });

  it('has its newest thirty attempts where it was redelivered many times', async () => {
    const at = await log.newWebhook();
    const deliveryId = log.idAt(0);
    const numbers = Array.from({ length: 41 }, (_, index) => index + 1);
    for (const number of numbers) await log.record({ deliveryId, number, firstOfRun: number });
    const { attempts, attempts_made } = await read<Entity>(log.api.call(`${at}/deliveries/${deliveryId}`));
    expect(attempts.map(({ number }) => number)).toEqual(numbers.slice(-30));
    expect(attempts_made).toBe(41);
  });

  it.each([11, 30])(
    'fits into an answer of Lambda, however large its payload and its %i attempts are',
    async (count) => {
      const at = await log.newWebhook();
      const event = { ...EVENT, id: randomUUID() };
      const payload = JSON.stringify({ text: '\\'.repeat(500_000) });
      const opened = {
        event: { ...event, namespaceId: log.webhook().namespaceId, type: 'cron', payload },
        verdicts: {},
        receivedAt: event.createdAt,
        openedBy: 'x',
      } as const;
      expect(await log.api.events.open([opened])).toEqual(['inserted']);
      // What JSON makes six bytes of each, and Lambda, which has the answer as a string in JSON, seven; of a quotation mark four.
      const headers = Array.from({ length: 16 }, (_, nth) => [`x-${nth}`, '"'.repeat(1_000)] as const);
      const response = { status: 500, headers, body: Buffer.alloc(16 * 1024), truncated: true };
      const id = deliveryId(event, log.webhook().id);
      for (let number = 1; number <= count; number++) {
        await log.record({
          deliveryId: id,
          eventId: event.id,
          eventCreatedAt: event.createdAt,
          number,
          firstOfRun: number,
          response,
          status: 'dead',
        });
      }
      const text = await (await log.api.call(`${at}/deliveries/${id}`)).text();
      const { attempts } = JSON.parse(text) as Entity;
      expect(JSON.stringify({ body: text }).length).toBeLessThan(6 * 1024 * 1024);
      expect(attempts.length).toBeGreaterThan(5);
      expect(attempts.at(-1)?.number).toBe(count);
    },
  );

  it('gives its webhook the last response', async () => {
    const at = await log.newWebhook();
    await log.record({ deliveryId: log.idAt(2) });
    const response = { code: 204, duration: 12_000_000, error: null, created_at: '2026-11-23T12:00:00.000Z' };
    expect(await read(log.api.call(at))).toMatchObject({ last_response: response });
    await log.record({ deliveryId: log.idAt(1), ...FAILURE });
    expect(await read(log.api.call(at))).toMatchObject({
      last_response: { code: null, error: FAILURE.error?.message },
    });
  });

  it('is gone after 30 days, though the table may still have it', async () => {
    const at = await log.newWebhook();
    await log.record({ deliveryId: log.idAt(1) });
    const noon = log.api.clock.nowMs;
    log.api.clock.nowMs = noon + 30 * DAY_MS - 1;
    expect(await read(log.api.call(`${at}/deliveries`))).toHaveLength(1);
    for (log.api.clock.nowMs of [30, 31].map((days) => noon + days * DAY_MS)) {
      expect(await read(log.api.call(`${at}/deliveries`))).toEqual([]);
      expect(await read(log.api.call(`${at}/deliveries/${log.idAt(1)}`), 404)).toEqual({ message: 'Not found' });
      expect(await read(log.api.call(at))).toMatchObject({ last_response: null });
    }
    log.api.clock.nowMs = noon;
  });
});
