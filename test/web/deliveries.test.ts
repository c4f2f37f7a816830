import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { followPages, ORIGIN, read } from './api.ts';
import { EVENT, type Log, openLog } from './log.ts';

type Summary = { readonly id: string; readonly attempts_made: number; readonly status: string };
type Entity = Summary & { readonly attempts: readonly { readonly number: number }[] };

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

describe('the log of a webhook', () => {
  it('is empty at first, and ends without a link', async () => {
    const at = await log.newWebhook();
    const answer = await log.api.call(`${at}/deliveries`);
    expect(answer.headers.get('link')).toBeNull();
    expect(await answer.json()).toEqual([]);
  });

  it('has the newest delivery first, whenever its attempts were recorded', async () => {
    const at = await log.newWebhook();
    const ids = [1, 2, 3].map(log.idAt);
    for (const index of [1, 2, 0]) await log.record({ deliveryId: ids[index] ?? '' });
    await log.record({ deliveryId: ids[2] ?? '', number: 2, startedAt: '2026-11-23T12:30:00.000Z' });
    const rows = await read<Summary[]>(log.api.call(`${at}/deliveries`));
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it('shows where a delivery stands by its last attempt', async () => {
    const at = await log.newWebhook();
    const id = log.idAt(1);
    await log.record({ deliveryId: id, ...FAILURE });
    await log.record({
      deliveryId: id,
      ...FAILURE,
      number: 2,
      durationMs: 7,
      nextAttemptAt: '2026-11-23T12:35:00.000Z',
    });
    const expected = {
      id,
      event: { id: EVENT.id, type: 'build.finished', created_at: EVENT.createdAt },
      webhook_id: log.webhook().id,
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
    expect(await read(log.api.call(`${at}/deliveries`))).toEqual([expected]);
    await log.record({ deliveryId: id, number: 3, firstOfRun: 3 });
    const after = { status: 'succeeded', response_status: 204, error: null, next_attempt_at: null, redelivery: true };
    expect(await read(log.api.call(`${at}/deliveries`))).toMatchObject([{ id, attempts_made: 3, ...after }]);
    expect(await read(log.api.call(expected.url))).toMatchObject({ id, attempts_made: 3, ...after });
  });

  it('is paged by whole deliveries, each once', async () => {
    const at = await log.newWebhook();
    // By turns one, two, three and twelve attempts, of which some fill more than a page of a query of the table's.
    const counts = [1, 12, 3, 2, 12, 1, 1, 3, 12];
    const ids = counts.map((_, index) => log.idAt(index));
    for (const [index, count] of counts.entries()) {
      const numbers = Array.from({ length: count }, (_, at) => at + 1);
      await log.record(...numbers.map((number) => ({ deliveryId: ids[index] ?? '', number })));
    }
    for (const perPage of [1, 2, 4, 8, 9, 100]) {
      const pages = await followPages<Summary>(log.api, `${at}/deliveries?per_page=${perPage}`);
      expect(pages.map((page) => page.length).slice(0, -1)).toEqual(Array(pages.length - 1).fill(perPage));
      expect(pages.flat().map(({ id }) => id)).toEqual(ids);
      expect(pages.flat().map((row) => row.attempts_made)).toEqual(counts);
      const { rows: deliveries } = await log.api.attempts.page(log.webhook().id, {
        limit: perPage,
        nowMs: log.api.clock.nowMs,
      });
      expect(deliveries.map((attempts) => attempts.length)).toEqual(counts.slice(0, perPage));
    }
    for (const [index, id] of ids.entries()) {
      const { attempts } = await read<Entity>(log.api.call(`${at}/deliveries/${id}`));
      expect(attempts.map(({ number }) => number)).toEqual(Array.from({ length: counts[index] ?? 0 }, (_, n) => n + 1));
    }
  });

  it.each(['per_page=0', 'per_page=101', 'per_page=abc', 'cursor=abc', 'cursor=', 'cursor=1', 'cursor=~'])(
    'refuses %s',
    async (query) => {
      const at = await log.newWebhook();
      expect(await read(log.api.call(`${at}/deliveries?${query}`), 400)).toEqual({
        message: expect.stringMatching(/must/),
      });
    },
  );

  it('takes a cursor that Link gave, and none that was tampered with', async () => {
    const at = await log.newWebhook();
    for (const second of [1, 2]) await log.record({ deliveryId: log.idAt(second) });
    const link = (await log.api.call(`${at}/deliveries?per_page=1`)).headers.get('link');
    expect(link).toBe(`<${ORIGIN}${at}/deliveries?per_page=1&cursor=after.${log.idAt(1)}>; rel="next"`);
    expect(await read(log.api.call(`${at}/deliveries?cursor=after.${log.idAt(1)}`))).toMatchObject([
      { id: log.idAt(2) },
    ]);
    for (const tampered of [
      log.idAt(1),
      `after.${log.idAt(1).slice(1)}`,
      `after.${log.idAt(1)}x`,
      `behind.${log.idAt(1)}`,
      'after.',
    ]) {
      await read(log.api.call(`${at}/deliveries?cursor=${tampered}`), 400);
    }
  });
});
