import { expect, test } from 'vitest';
import { certificateWarning } from '../../functions/domain/connection.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const END = '2026-12-01T10:00:00.000Z';
const END_MS = Date.parse(END);

test.each([
  [14 * DAY_MS + 1, null],
  [14 * DAY_MS, "The receiver's certificate expires on 2026-12-01. Renew it, or deliveries will fail"],
  [1, "The receiver's certificate expires on 2026-12-01. Renew it, or deliveries will fail"],
  [0, "The receiver's certificate expired on 2026-12-01"],
  [-400 * DAY_MS, "The receiver's certificate expired on 2026-12-01"],
])('of a certificate that has %i ms left is said: %s', (leftMs, warning) => {
  expect(certificateWarning(END, END_MS - leftMs)).toBe(warning);
});
