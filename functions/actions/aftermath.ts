import type { Attempt } from '../domain/delivery.ts';
import { type HealthChange, isNews, type Sign, signOf } from '../domain/health.ts';
import { judge } from '../domain/judge.ts';
import { DEACTIVATED_AFTER_ATTEMPTS } from '../domain/limits.ts';
import { deadNotice, healthNotice, type Notice, noticeDetail } from '../domain/notice.ts';
import { canonicalUrl, type Webhook } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { HealthStore } from '../store/health.ts';
import type { HoldStore } from '../store/holds.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Bus } from '../transport/bus.ts';

export type NoticeDeps = {
  readonly attempts: Pick<AttemptStore, 'attempt'>;
  readonly now: () => number;
  /** The bus, with the service's own source. */
  readonly notices: Pick<Bus, 'put'>;
  /** A webhook's URL in the API; undefined where nobody has said where that stands, or its namespace is gone. */
  readonly webhookUrl: (namespaceId: number, webhookId: number) => Promise<string | undefined>;
};

export type AftermathDeps = NoticeDeps & {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly health: HealthStore;
  readonly holds: Pick<HoldStore, 'note' | 'wake'>;
};

/** An attempt that was made. Where a twin of ours was faster, the log has it otherwise: then it does not stand as made. */
type Made = { readonly attempt: Attempt; readonly standsAsMade: boolean };

/** An attempt that stands in the log, and its webhook as it was read for it; undefined where that is gone. */
export type Logged = Made & { readonly webhook: Webhook | undefined };

/** More than the writes until a failing webhook's failures are counted: whoever loses so often has nothing left to write. */
const TRIES = DEACTIVATED_AFTER_ATTEMPTS + 5;

/**
 * What follows from attempts once they are in the log: how their webhooks do, and the service's own events. It is done again
 * where it was cut, for the attempts' messages come again, and then tells the same. Nothing is read or written of webhooks that
 * are well. Answers what could not be done.
 */
export async function followUp<L extends Logged>(
  deps: AftermathDeps,
  logged: readonly L[],
): Promise<{ readonly one: L; readonly error: unknown }[]> {
  // What was not sent says nothing of a receiver: it is not to come again, and be a dead letter, for what others have to say.
  const sent = logged.filter(({ attempt }) => attempt.request !== undefined);
  const groups = Map.groupBy(sent, ({ attempt }) => attempt.webhookId);
  const failures = await Promise.all([
    ...[...groups.values()].map((group) => failing(group, () => followHealth(deps, group))),
    ...logged.map((one) => failing([one], () => tellOfDead(deps, one))),
  ]);
  return failures.flat();
}

/** Works for a group; answers all of it, with the error, where that failed. */
export async function failing<L>(
  group: readonly L[],
  work: () => Promise<void>,
): Promise<{ one: L; error: unknown }[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return group.map((one) => ({ one, error }));
  }
}

async function followHealth(deps: AftermathDeps, group: readonly Logged[]): Promise<void> {
  const webhook = group.find((one) => one.webhook !== undefined)?.webhook;
  if (webhook === undefined) return;
  // What a receiver did that the webhook has left says nothing of the one that it has now.
  const url = canonicalUrl(webhook.payloadUrl);
  const signs = group
    .flatMap(({ attempt }) => (attempt.request?.url === url ? (signOf(attempt) ?? []) : []))
    .filter((sign) => isNews(sign, deps.now()));
  if (signs.length > 0) await judgeAndSave(deps, webhook, signs);
}

/** Judged upon what was read with the batch; where that is no longer so, upon what is there now. */
async function judgeAndSave(deps: AftermathDeps, webhook: Webhook, signs: readonly Sign[]): Promise<void> {
  let seen: Webhook | undefined = webhook;
  for (let tried = 0; tried < TRIES; tried++) {
    const { change, news } = judge(seen, signs);
    if (change === undefined || (await deps.health.save(seen, change))) {
      if (change !== undefined && isToWake(seen, change)) await deps.holds.wake(webhook.id, deps.now());
      for (const one of news) await tell(deps, healthNotice(webhook, one));
      return;
    }
    seen = await deps.webhooks.get(webhook.namespaceId, webhook.id);
    // What was said of another URL's receiver says nothing of this one's.
    if (seen === undefined || seen.payloadUrl !== webhook.payloadUrl) return;
  }
  throw new Error(`The health of the webhook ${webhook.id} is changed all the time`);
}

/** What is held is released, or cancelled, by the next run of the schedule; where this is cut, by the one that the hold waits for. */
function isToWake({ health }: Webhook, change: HealthChange): boolean {
  return change.deactivation !== undefined || (health?.breaker !== undefined && change.health.breaker === undefined);
}

/** Tells of a delivery that ended dead with this attempt, where it did. Throws where the bus does not take that. */
export async function tellOfDead(deps: NoticeDeps, { attempt, standsAsMade }: Made): Promise<void> {
  if (attempt.status !== 'dead') return;
  const standing = standsAsMade ? attempt : await deps.attempts.attempt(attempt, deps.now());
  if (standing?.status === 'dead') await tell(deps, deadNotice(standing));
}

async function tell(deps: NoticeDeps, notice: Notice): Promise<void> {
  const url = await deps.webhookUrl(notice.namespaceId, notice.webhookId);
  await deps.notices.put({ type: notice.type, detail: noticeDetail(notice, url) });
}
