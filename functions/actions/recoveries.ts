import { RefusalError } from '../domain/errors.ts';
import { sortableId } from '../domain/id.ts';
import { isCovered, offerOf } from '../domain/missed.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { Neighbours, PageRequest } from '../domain/page.ts';
import { parseRecovery, type Recovery } from '../domain/recovery.ts';
import type { Webhook } from '../domain/webhook.ts';
import { notFound } from './directory.ts';
import { HOLD_MS, type RecoverDeps, type RunningRecovery, recoverPage } from './recover.ts';

export type RecoveryDeps = RecoverDeps & { readonly randomId: () => string };

type Of = { readonly namespace: Namespace; readonly webhookId: number };
type Which = Of & { readonly recoveryId: string };

/**
 * Begins a recovery from the body of a request, and holds it for whoever calls. Throws ValidationError with what is wrong with
 * the body; refuses for a webhook that is inactive, and while another recovery of it runs.
 */
export async function beginRecovery(
  deps: RecoveryDeps,
  of: Of,
  body: Readonly<Record<string, unknown>>,
): Promise<RunningRecovery> {
  const webhook = await reachWebhook(deps, of);
  const nowMs = deps.now();
  const filter = parseRecovery(body, nowMs);
  const createdAt = new Date(nowMs).toISOString();
  const recovery: RunningRecovery = {
    id: sortableId(nowMs, deps.randomId()),
    webhookId: webhook.id,
    namespaceId: webhook.namespaceId,
    status: 'running',
    filter,
    deliveriesRead: 0,
    deliveriesRedelivered: 0,
    createdAt,
    updatedAt: createdAt,
    dueAtMs: nowMs + HOLD_MS,
  };
  await addRecovery(deps, of, { webhook, recovery });
  return recovery;
}

const CHANGED_MEANWHILE = 'The webhook was changed at the same time by somebody else. Please try again';
/** More than the changes of what a webhook offers that anybody makes at the same moment. */
const TRIES = 5;

/** Adds a recovery to a webhook as it was seen and, where somebody has changed that meanwhile, as it is by then. */
async function addRecovery(
  deps: RecoveryDeps,
  of: Of,
  { webhook, recovery }: { readonly webhook: Webhook; readonly recovery: RunningRecovery },
): Promise<void> {
  let seen = webhook;
  for (let tried = 0; seen.active && tried < TRIES; tried++) {
    const offered = offerOf(seen, deps.now());
    const isTaken = offered !== undefined && isCovered(offered, recovery.filter, deps.now());
    const added = await deps.recoveries.add(recovery, isTaken ? offered : undefined);
    if (added === 'added') return;
    if (added === 'taken')
      throw new RefusalError('conflict', 'A recovery of this webhook is running. Cancel it, or wait');
    seen = await reachWebhook(deps, of);
  }
  throw new RefusalError('conflict', seen.active ? CHANGED_MEANWHILE : 'The webhook is inactive. Activate it first');
}

/**
 * Begins a recovery and makes its first page of deliveries again; the schedule does the rest. A small one is finished in the
 * answer. Throws as above.
 */
export async function startRecovery(
  deps: RecoveryDeps,
  of: Of,
  body: Readonly<Record<string, unknown>>,
): Promise<Recovery> {
  const held = await beginRecovery(deps, of, body);
  try {
    const page = await recoverPage(deps, held, deps.deliveriesPerPage);
    if (page.kind === 'goes_on') await deps.recoveries.hold(page.recovery, deps.now());
    return page.recovery;
  } catch (error) {
    // It has begun, and the schedule goes on with it: an answer of failure would only make the caller ask again.
    deps.onRecoveryFailure(error, held);
    return held;
  }
}

/** A page of a webhook's recoveries, newest first. */
export async function listRecoveries(
  deps: RecoveryDeps,
  of: Of,
  page: PageRequest,
): Promise<{ readonly rows: Recovery[] } & Neighbours> {
  await reachWebhook(deps, of);
  return deps.recoveries.page(of.webhookId, { ...page, nowMs: deps.now() });
}

/** One recovery. Refuses as not found what is none of this webhook. */
export async function showRecovery(deps: RecoveryDeps, which: Which): Promise<Recovery> {
  await reachWebhook(deps, which);
  return existing(deps, which);
}

/** Cancels a recovery: no further page of it is begun. What was sent goes on. Refuses where it has ended already. */
export async function cancelRecovery(deps: RecoveryDeps, which: Which): Promise<void> {
  const { id, webhookId } = await showRecovery(deps, which);
  if (await deps.recoveries.cancel({ id, webhookId }, new Date(deps.now()).toISOString())) return;
  const { status } = await existing(deps, which);
  throw new RefusalError('conflict', `The recovery has ended already: it is ${status}`);
}

async function existing(deps: RecoveryDeps, { webhookId, recoveryId }: Which): Promise<Recovery> {
  const recovery = await deps.recoveries.find({ webhookId, id: recoveryId }, deps.now());
  if (recovery === undefined) throw notFound();
  return recovery;
}

/** Recoveries are found by the webhook's id alone: whether the webhook is of this namespace is asked first. */
async function reachWebhook(deps: RecoveryDeps, { namespace, webhookId }: Of): Promise<Webhook> {
  const webhook = await deps.webhooks.get(namespace.id, webhookId);
  if (webhook === undefined) throw notFound();
  return webhook;
}
