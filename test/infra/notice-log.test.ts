import { afterEach, expect, it, vi } from 'vitest';
import { log } from '../../functions/runtime/log.ts';
import { logNotice } from '../../infra/local/notice-log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const detail = { webhook_id: 3, since: '2026-11-23T12:00:00.000Z', reason: 'gone', namespace_id: 1 };

it.each([
  ['webhook.failing', 'warn'],
  ['webhook.deactivated', 'warn'],
  ['webhook.recovered', 'info'],
] as const)('logs one line of %s, as %s', (type, level) => {
  const lines = vi.spyOn(log, level).mockReturnValue();
  logNotice({ type, detail });
  expect(lines.mock.calls).toEqual([[type, { webhookId: 3, since: detail.since, reason: 'gone' }]]);
});

it('logs nothing of single deliveries', () => {
  const lines = [vi.spyOn(log, 'warn'), vi.spyOn(log, 'info')];
  logNotice({ type: 'delivery.dead', detail });
  for (const line of lines) expect(line).not.toHaveBeenCalled();
});
