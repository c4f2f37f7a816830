import { ATTEMPT_DEADLINE_MS } from '../domain/limits.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { SlowPostStore } from '../store/slow-posts.ts';

export type SlowPostDeps = {
  readonly slowPosts: SlowPostStore;
  readonly now: () => number;
  readonly random: () => number;
  /** Told that slow POSTs could not be noted: only the bound on them is lost. */
  readonly onUnnoted: (error: unknown, webhookId: number) => void;
};

type Noted = { readonly webhook: Webhook; readonly deadlines: readonly number[] };

/** The POSTs of one batch that are under way; those that take long are noted, so that others do not add to them without end. */
export function postsUnderWay(deps: SlowPostDeps) {
  const chance = Math.floor(deps.random() * 1000);
  let begun = 0;
  const underWay = new Map<object, { readonly webhook: Webhook; readonly deadlineMs: number }>();
  let noted: readonly Noted[] = [];
  const each = (list: readonly Noted[], change: (one: Noted) => Promise<void>) =>
    Promise.all(list.map((one) => change(one).catch((error) => deps.onUnnoted(error, one.webhook.id))));
  return {
    /** Has a POST to a webhook made. */
    async follow<T>(webhook: Webhook, post: () => Promise<T>): Promise<T> {
      // Its thousandths tell those of the same moment apart: of this batch by their number, of others by chance.
      const deadlineMs = deps.now() + ATTEMPT_DEADLINE_MS + ((chance + begun++) % 1000) / 1000;
      const token = {};
      underWay.set(token, { webhook, deadlineMs });
      try {
        return await post();
      } finally {
        underWay.delete(token);
      }
    },

    /** Notes those that are still under way. */
    async note(): Promise<void> {
      const groups = Map.groupBy(underWay.values(), ({ webhook }) => webhook.id);
      noted = [...groups.values()].flatMap((group) => {
        const webhook = group[0]?.webhook;
        return webhook ? [{ webhook, deadlines: group.map(({ deadlineMs }) => deadlineMs) }] : [];
      });
      await each(noted, ({ webhook, deadlines }) => deps.slowPosts.note(webhook, deadlines));
    },

    /** Strikes out those that were noted, and those of others whose deadlines have passed. */
    async strike(): Promise<void> {
      const nowMs = deps.now();
      await each(noted, ({ webhook, deadlines }) => {
        const past = (webhook.slowPosts ?? []).filter((deadlineMs) => deadlineMs < nowMs);
        return deps.slowPosts.strike(webhook, [...deadlines, ...past]);
      });
    },
  };
}
