import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Health, Judged, Sign } from '../../functions/domain/health.ts';
import { judge } from '../../functions/domain/judge.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-23T12:00:00Z');
const ERROR = { class: 'status', message: 'The receiver answered 500' } as const;
const TAKES_MS = 100;

let made = 0;

function sign(kind: Sign['kind'], afterMs: number): Sign {
  made += 1;
  const startedMs = START + afterMs;
  const error = kind === 'success' ? undefined : ERROR;
  return { by: `attempt ${made}`, kind, startedMs, endedMs: startedMs + TAKES_MS, error };
}

const failure = (afterMs: number) => sign('failure', afterMs);
const success = (afterMs: number) => sign('success', afterMs);
const iso = (afterMs: number) => new Date(START + afterMs).toISOString();

const WELL: Judged = { active: true };

/** Judges batches of signs, one after the other, and counts the writes. */
function run(batches: readonly (readonly Sign[])[], from: Judged = WELL) {
  let webhook = from;
  let writes = 0;
  const news: string[] = [];
  for (const signs of batches) {
    const judged = judge(webhook, signs);
    news.push(...judged.news.map(({ type }) => type));
    if (judged.change === undefined) continue;
    writes += 1;
    const { health, deactivation } = judged.change;
    webhook = { active: deactivation === undefined, health, deactivation };
  }
  return { webhook, writes, news };
}

const each = (signs: readonly Sign[]) => signs.map((one) => [one]);
const times = (count: number, everyMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, index) => fromMs + index * everyMs);

describe('a healthy webhook', () => {
  it('costs no write and has no news, however often it succeeds', () => {
    expect(run(each(times(50, HOUR).map(success)))).toEqual({ webhook: WELL, writes: 0, news: [] });
  });

  it('fails from the first failure on, and is well with the next success', () => {
    const failed = run([[failure(0)]]);
    expect(failed.webhook.health).toMatchObject({
      failing: { sinceMs: START, spellMs: START, failures: 1, lastMs: START, toldBy: undefined },
    });
    const again = run([[success(MINUTE)]], failed.webhook);
    expect(again).toMatchObject({ writes: 1, news: [] });
    expect(again.webhook.health).toMatchObject({ healthyMs: START + MINUTE + TAKES_MS, failing: undefined });
  });

  it('is well where one batch has both, and the success ended last', () => {
    const mixed = run([[failure(0), success(1)]]);
    expect(mixed).toMatchObject({ writes: 0, webhook: WELL });
    const mostlyFailed = run([[failure(0), success(1), failure(2)]]);
    expect(mostlyFailed.webhook.health).toMatchObject({ failing: undefined, tally: { attempts: 3, failures: 2 } });
    expect(run([[success(0), failure(TAKES_MS + 1)]]).webhook.health?.failing?.failures).toBe(1);
  });
});

describe('what comes late', () => {
  it('a failure that began before the success ended does not make the webhook fail', () => {
    const { webhook } = run([[failure(0)], [success(MINUTE)]]);
    expect(judge(webhook, [failure(MINUTE + TAKES_MS)]).change?.health.failing).toBeUndefined();
    expect(judge(webhook, [failure(MINUTE + TAKES_MS + 1)]).change?.health.failing).toBeDefined();
  });

  it('a success that ended before the first failure began does not make it well', () => {
    const { webhook } = run([[failure(HOUR)]]);
    expect(judge(webhook, [success(HOUR - TAKES_MS - 1)]).change).toBeUndefined();
    expect(judge(webhook, [success(HOUR - TAKES_MS)]).change?.health).toMatchObject({
      healthyMs: START + HOUR,
      failing: undefined,
    });
  });

  it('a 410 of before a user started it over does nothing', () => {
    const startedOver: Judged = { active: true, health: { healthyMs: START + HOUR } };
    expect(judge(startedOver, [sign('gone', HOUR)])).toEqual({ news: [] });
    expect(judge(startedOver, [sign('gone', HOUR + 1)]).change?.deactivation).toMatchObject({ reason: 'gone' });
  });

  it('nothing is judged of a webhook that is inactive', () => {
    expect(judge({ active: false }, [failure(0), success(1), sign('gone', 2)])).toEqual({ news: [] });
  });
});

describe('410 Gone', () => {
  it('deactivates at once, whatever succeeds beside it, and says why and since when', () => {
    const gone = sign('gone', 0);
    const { change, news } = judge(WELL, [success(0), gone, success(5)]);
    const at = iso(TAKES_MS);
    const message = `The webhook was deactivated at ${at}: its receiver answered 410 Gone`;
    expect(change?.deactivation).toEqual({ reason: 'gone', at, by: gone.by, message });
    expect(news).toEqual([{ type: 'webhook.deactivated', at, since: at, reason: 'gone', error: ERROR }]);
  });
});

describe('a webhook that has only failed', () => {
  it('is deactivated after five days, and not a moment before', () => {
    const signs = times(10, HOUR).map(failure);
    const { webhook } = run(each([...signs, ...times(3, DAY, DAY).map(failure), failure(4.5 * DAY)]));
    expect(judge(webhook, [failure(5 * DAY - 1)]).change?.deactivation).toBeUndefined();
    const { change, news } = judge(webhook, [failure(5 * DAY)]);
    const message = `The webhook was deactivated at ${iso(5 * DAY + TAKES_MS)}: all of its attempts have failed since ${iso(0)}`;
    expect(change?.deactivation).toMatchObject({ reason: 'failing', message });
    expect(news).toMatchObject([{ type: 'webhook.deactivated', since: iso(0), reason: 'failing', error: ERROR }]);
  });

  it('needs ten attempts', () => {
    const signs = times(9, 0.6 * DAY).map(failure);
    const { webhook } = run(each(signs));
    expect(webhook).toMatchObject({ active: true, health: { failing: { failures: 9 } } });
    expect(run([[failure(6 * DAY)]], webhook).webhook.active).toBe(false);
  });

  it('needs a spell of twelve hours: what it did in a silence nobody knows', () => {
    const { webhook } = run([[failure(0)], times(20, MINUTE, 6 * DAY).map(failure)]);
    expect(webhook).toMatchObject({ active: true, health: { failing: { sinceMs: START, failures: 10 } } });
    const soon = run([[failure(6 * DAY + 12 * HOUR - 1)]], webhook);
    expect(soon.webhook.active).toBe(true);
    expect(run([[failure(6 * DAY + 12 * HOUR)]], soon.webhook).webhook.active).toBe(false);
  });

  it('needs ten attempts in that spell, too', () => {
    const { webhook } = run(each([...times(10, MINUTE).map(failure), ...times(9, 2 * HOUR, 6 * DAY).map(failure)]));
    expect(webhook).toMatchObject({ active: true, health: { failing: { failures: 9 } } });
  });

  it("is one spell through the schedule's longest wait, jitter included", () => {
    const { webhook } = run(each([failure(0), failure(29 * HOUR)]));
    expect(webhook.health?.failing?.spellMs).toBe(START);
  });

  it('begins anew with one success', () => {
    const signs = [
      ...times(20, 6 * HOUR).map(failure),
      success(4.99 * DAY),
      ...times(19, 6 * HOUR, 5 * DAY).map(failure),
    ];
    expect(run(each(signs)).webhook.active).toBe(true);
  });

  it('counts each of its failures, however soon they follow each other', () => {
    const { webhook, writes } = run(each(times(8, 1_000).map(failure)));
    expect({ writes, failures: webhook.health?.failing?.failures }).toEqual({ writes: 8, failures: 8 });
  });

  it('costs few writes, however many attempts fail', () => {
    const { webhook, writes } = run(each(times(20_000, 30_000).map(failure)));
    expect(webhook.active).toBe(false);
    // Ten that count, one that tells, the first probes, one each quarter of an hour, and the last.
    expect(writes).toBeLessThanOrEqual(10 + 1 + 4 + 5 * 24 * 4 + 1);
  });
});

describe('news', () => {
  it('of failing is told once, after three attempts and ten minutes', () => {
    expect(run(each([failure(0), failure(1), failure(2)])).news).toEqual([]);
    expect(run(each([failure(0), failure(11 * MINUTE)])).news).toEqual([]);
    expect(run(each([...times(3, 5 * MINUTE), ...times(100, MINUTE, HOUR)].map(failure))).news).toEqual([
      'webhook.failing',
    ]);
  });

  it('of failing is told although its failures are counted', () => {
    const { webhook, news } = run([times(20, 1).map(failure)]);
    expect({ news, failures: webhook.health?.failing?.failures }).toEqual({ news: [], failures: 10 });
    expect(run([[failure(11 * MINUTE)]], webhook).news).toEqual(['webhook.failing']);
  });

  it('of recovering is told where failing was, with since when', () => {
    const { webhook } = run(each(times(3, HOUR).map(failure)));
    expect(judge(webhook, [success(3 * HOUR)]).news).toEqual([
      { type: 'webhook.recovered', at: iso(3 * HOUR + TAKES_MS), since: iso(0), reason: 'attempt_succeeded' },
    ]);
    expect(run(each([failure(0), success(HOUR)])).news).toEqual([]);
  });

  it('is told again, the same, to whoever does again what made it, and to nobody else', () => {
    const last = [failure(2 * HOUR), success(3 * HOUR), sign('gone', 4 * HOUR)];
    let { webhook } = run(each([failure(0), failure(HOUR)]));
    for (const one of last) {
      const { change, news } = judge(webhook, [one]);
      expect(news).toHaveLength(1);
      webhook = { active: change?.deactivation === undefined, ...change };
      expect(judge(webhook, [one])).toEqual({ news });
      expect(judge(webhook, [failure(0)]).news).toEqual([]);
    }
  });
});

it('one of a batch that was done before is told of again beside what is new, each once', () => {
  const recovery = success(3 * HOUR);
  const { webhook } = run([...each(times(3, HOUR).map(failure)), [recovery], [failure(4 * HOUR)], [failure(5 * HOUR)]]);
  const types = judge(webhook, [recovery, failure(6 * HOUR)]).news.map(({ type }) => type);
  expect(types).toEqual(['webhook.recovered', 'webhook.failing']);
});

describe('whatever comes, in whatever order', () => {
  const kinds = fc.constantFrom<Sign['kind']>('success', 'failure', 'failure', 'failure');
  const signs = fc.array(
    fc.tuple(kinds, fc.integer({ min: 0, max: 8 * 24 })).map(([kind, hours]) => sign(kind, hours * HOUR)),
    { maxLength: 40 },
  );
  const batches = fc.array(signs, { maxLength: 8 });

  it('done again it changes nothing', () => {
    fc.assert(
      fc.property(batches, signs, (before, batch) => {
        const { webhook } = run(before);
        const once = run([batch], webhook).webhook;
        expect(run([batch], once).writes).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('only what failed for five days without a success is deactivated', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const { webhook } = run(all);
        const failing = webhook.health?.failing;
        if (webhook.active || failing === undefined) return;
        const at = Date.parse(webhook.deactivation?.at ?? '');
        expect(at - failing.sinceMs).toBeGreaterThanOrEqual(5 * DAY);
        const failures = all.flat().filter(({ kind, startedMs }) => kind === 'failure' && startedMs <= at);
        expect(failures.length).toBeGreaterThanOrEqual(10);
      }),
    );
  });

  it('in the order of time, failing and recovering take turns', () => {
    fc.assert(
      fc.property(signs, (all) => {
        const inOrder = [...all].sort((one, other) => one.startedMs - other.startedMs);
        const { news } = run(each(inOrder));
        const turns = news.filter((type) => type !== 'webhook.deactivated');
        turns.forEach((type, index) => {
          expect(type).toBe(index % 2 === 0 ? 'webhook.failing' : 'webhook.recovered');
        });
        expect(news.filter((type) => type === 'webhook.deactivated').length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('a success at the end leaves it well', () => {
    fc.assert(
      fc.property(batches, (before) => {
        const { webhook } = run(before);
        const after: Health | undefined = run([[success(9 * DAY)]], webhook).webhook.health;
        if (webhook.active) expect(after?.failing).toBeUndefined();
      }),
    );
  });
});
