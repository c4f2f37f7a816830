import { createHash } from 'node:crypto';
import { concernsDirectory } from '../domain/directory-change.ts';
import { RefusalError, ValidationError } from '../domain/errors.ts';
import type { CiEvent } from '../domain/event.ts';
import { boundedDetail, type EventDraft } from '../domain/event-input.ts';
import { EVENT_AHEAD_MAX_MINUTES } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { IdempotencyStore } from '../store/idempotency.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { Bus } from '../transport/bus.ts';
import { type Caller, type DirectoryDeps, mayReach, notFound } from './directory.ts';

export type IntakeDeps = DirectoryDeps & {
  readonly namespaces: Pick<NamespaceStore, 'byId'>;
  readonly idempotency: IdempotencyStore;
  readonly bus: Bus;
  readonly randomId: () => string;
};

/** A request that sends an event. */
export type Intake = {
  readonly caller: Caller;
  readonly draft: EventDraft;
  /** The body as it came: with one key, another body is another request. */
  readonly body: string;
  readonly idempotencyKey?: string | undefined;
};

/**
 * Puts a producer's event on the bus. With a key, the first request fixes the event's id and time, and every later one puts the
 * same event on the bus again, which does nothing new: so a request that was cut short is mended by its repetition.
 *
 * An event on the bus is believed. So only who speaks for the whole CI (`event:write_all`) may send those that change the
 * directory, and those of namespaces that are not the caller's or that are not known; others are refused as if there were
 * nothing. Throws where the bus did not take it: that is ours, and may be tried again.
 */
export async function takeEvent(
  deps: IntakeDeps,
  intake: Intake,
): Promise<{ readonly event: CiEvent; readonly namespace: Namespace | undefined }> {
  const { caller, draft } = intake;
  const namespace = draft.namespaceId === null ? undefined : await deps.namespaces.byId(draft.namespaceId);
  if (!caller.scopes.includes('event:write_all')) {
    const isReached = await mayReach(deps, caller, namespace);
    if (concernsDirectory(draft) || !isReached) throw notFound();
  }
  if (draft.createdAt !== undefined && Date.parse(draft.createdAt) > deps.now() + EVENT_AHEAD_MAX_MINUTES * 60_000) {
    throw new ValidationError({ created_at: [AHEAD] });
  }
  const given = { id: draft.id ?? deps.randomId(), createdAt: draft.createdAt ?? new Date(deps.now()).toISOString() };
  // Refused before the key is spent: ids and times are all of one length.
  boundedDetail({ ...draft, ...given });
  const event = { ...draft, ...(await settle(deps, intake, given)) };
  await deps.bus.put({ type: event.type, detail: boundedDetail(event) });
  return { event, namespace };
}

const AHEAD = `Created at must not be more than ${EVENT_AHEAD_MAX_MINUTES} minutes ahead of now`;

type Named = Pick<CiEvent, 'id' | 'createdAt'>;

/** The id and time of the event that a request sends: those of the first request with its key. */
async function settle(deps: IntakeDeps, { caller, body, idempotencyKey: key }: Intake, given: Named): Promise<Named> {
  if (key === undefined) return given;
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const of = { username: caller.user.username, key };
  const claim = { eventId: given.id, createdAt: given.createdAt, bodyHash };
  const first = await deps.idempotency.claim(of, claim, deps.now());
  if (first.bodyHash === bodyHash) return { id: first.eventId, createdAt: first.createdAt };
  throw new RefusalError(
    'key_reused',
    'This Idempotency-Key came with another body before. Send a new event with a new key',
  );
}
