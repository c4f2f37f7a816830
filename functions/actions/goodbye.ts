import { type Attempt, conclude, isGone, numberInRun } from '../domain/delivery.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Ending, RecordDeps } from './record.ts';

type Deps = Pick<RecordDeps, 'onFailure'> & {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly random: () => number;
};

/**
 * What attempts came to as it stands when they are recorded, which may be long after their POSTs: of a 410 that is its webhook's no longer,
 * a failure like any other. Where that cannot be found out, its message comes again. Nothing is read where there is no 410.
 */
export function checkGoodbyes(deps: Deps, endings: readonly Ending[]): Promise<Ending[]> {
  return Promise.all(endings.map((ending) => checkGoodbye(deps, ending)));
}

async function checkGoodbye(deps: Deps, ending: Ending): Promise<Ending> {
  if (ending.kind !== 'attempted' || ending.webhook === undefined || !isGone(ending.attempt)) return ending;
  const { index, webhook, attempt } = ending;
  try {
    return (await isOutdated(deps, webhook, attempt)) ? { ...ending, attempt: concludeAgain(deps, attempt) } : ending;
  } catch (error) {
    deps.onFailure(error, attempt);
    return { index, kind: 'failed' };
  }
}

/** Whether a user has given the webhook another URL, or it was found well or started over, since a POST to it began. */
async function isOutdated({ webhooks }: Deps, webhook: Webhook, { startedAt }: Attempt): Promise<boolean> {
  const now = await webhooks.get(webhook.namespaceId, webhook.id);
  if (!now?.active) return false;
  const { healthyMs = Number.NEGATIVE_INFINITY } = now.health ?? {};
  return now.payloadUrl !== webhook.payloadUrl || healthyMs >= Date.parse(startedAt);
}

function concludeAgain({ random }: Deps, attempt: Attempt): Attempt {
  const startedMs = Date.parse(attempt.startedAt);
  const endedMs = startedMs + attempt.durationMs;
  const circumstances = { startedMs, endedMs, random: random(), isOutdated: true };
  return { ...attempt, ...conclude(attempt, numberInRun(attempt), circumstances) };
}
