import { SLOW_POSTS_PER_WEBHOOK_MAX } from '../../../functions/domain/limits.ts';
import { type Book, type BookedDelivery, during } from './book.ts';
import type { StoredItem, Version } from './items.ts';

/** An attempt is recorded at the latest so long after the facts were read that it was judged by. */
const INVOCATION_MS = 31_000;

/** Attempts that were not made, or not then, need a reason that was true of their webhook at that time. */
export function unsentViolations(
  { id, webhookId, attempts }: BookedDelivery,
  { book, isExcused }: { readonly book: Book; readonly isExcused: (id: string, number: number) => boolean },
): string[] {
  const { history: webhook = [] } = book.webhooks.get(webhookId) ?? {};
  return attempts.flatMap(({ number, history }) => {
    const recorded = history.filter(({ item }, index) => isRecord(item, history[index - 1]?.item));
    const untrue = recorded.filter((version) =>
      reasonOf(version.item) === 'internal' ? !isExcused(id, number) : !isTrueOf(webhook, version),
    );
    return untrue.map(({ item }) => `Attempt ${number} of ${id} was not made: ${reasonOf(item)}, which is not so`);
  });
}

/** What is held is recorded again where it is held again, and goes back to its place; whoever undertakes to send it moves it on. */
function isRecord(item: StoredItem | undefined, before: StoredItem | undefined): boolean {
  if (item === undefined || before === undefined) return item !== undefined;
  const isHeldAgain = item['status'] === 'held' && Number(item['due_at']) < Number(before['due_at']);
  return item['status'] !== before['status'] || reasonOf(item) !== reasonOf(before) || isHeldAgain;
}

function isTrueOf(webhook: readonly Version[], { item, atMs }: Version): boolean {
  const holds = REASONS[reasonOf(item) ?? ''];
  // One that was held and is cancelled keeps the reason that it was held for.
  if (item?.['wire'] !== undefined || (item?.['was_held'] === true && item['status'] === 'cancelled')) return true;
  return holds !== undefined && during(webhook, atMs - INVOCATION_MS, atMs).some(holds);
}

function reasonOf(item: StoredItem | undefined): string | undefined {
  return (item?.['error'] as { readonly class?: string } | undefined)?.class;
}

const REASONS: Readonly<Record<string, (state: StoredItem | undefined) => boolean>> = {
  webhook_gone: (state) => state === undefined || state['deleted_by'] !== undefined,
  webhook_inactive: (state) => state?.['active'] === false,
  unsigned: (state) => state?.['sealed_secret'] !== undefined,
  paused: (state) => state?.['pause'] !== undefined,
  circuit_open: (state) => (state?.['health'] as { readonly breaker?: unknown } | undefined)?.breaker !== undefined,
  busy: (state) =>
    ((state?.['slow_posts'] as ReadonlySet<number> | undefined)?.size ?? 0) >= SLOW_POSTS_PER_WEBHOOK_MAX,
};
