import { setTimeout as sleep } from 'node:timers/promises';
import type { WholeSystem } from '../support/whole-system.ts';

/** What the operator's audit says, of which this looks at a part, and why the system is not at rest, where it is not. */
export type Audited = {
  readonly events: number;
  readonly matching: number;
  readonly queued: number;
  readonly retrying: number;
  readonly oldest_due_at: string | null;
  readonly violations: readonly { readonly kind: string; readonly delivery_id: string }[];
  readonly unsettled?: string | undefined;
};

/** The schedule may have claimed what a kill then cut: that is due again five minutes later, and seen a minute after. */
const OVERDUE_MAX_MS = 7 * 60_000;
const LOOK_EVERY_MS = 500;
const AUDIT_EVERY_MS = 10_000;

/** Waits until no message is left and no retry is due within `waitMs`; answers the audit of that moment. */
export async function settle(
  system: WholeSystem,
  of: { readonly namespace: string; readonly waitMs: number; readonly onWait: (what: string) => void },
): Promise<Audited> {
  const dueBefore = Date.now() + of.waitMs;
  const patience = dueBefore + OVERDUE_MAX_MS;
  for (;;) {
    const waiting = await system.messagesLeft();
    if (waiting === 0) {
      const audited = (await system.ctl('audit', of.namespace)) as Audited;
      const dueAt = Date.parse(audited.oldest_due_at ?? '');
      // Where nothing is waited for, what is due by the table alone may be long overdue: see OVERDUE_MAX_MS.
      const isPending = of.waitMs === 0 || !(dueAt <= dueBefore);
      // What was never attempted then has no message any more, and is not waited for: it is lost.
      if (isPending && (await system.messagesLeft()) === 0) return audited;
      if (Date.now() > patience) return { ...audited, unsettled: `${audited.oldest_due_at} was due` };
      of.onWait(`at rest but for retries; the next one is due ${audited.oldest_due_at}`);
      await sleep(AUDIT_EVERY_MS);
    } else {
      of.onWait(`${waiting} messages to go`);
      if (Date.now() > patience) throw new Error(`${waiting} messages are left in the queues, and nobody takes them`);
      await sleep(LOOK_EVERY_MS);
    }
  }
}
