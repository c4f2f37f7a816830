import { type Book, type BookedDelivery, during } from './book.ts';

/** An attempt is recorded at the latest so long after the facts were read that it was judged by. */
const INVOCATION_MS = 31_000;

/** Attempts that were not made need a reason that was true: a webhook that was gone or inactive at that time. */
export function unsentViolations({ id, webhookId, attempts }: BookedDelivery, book: Book): string[] {
  const { history = [] } = book.webhooks.get(webhookId) ?? {};
  return attempts.flatMap(({ number, item, history: [recorded] }) => {
    const { class: reason } = (item['error'] ?? {}) as { readonly class?: string };
    if (recorded === undefined || item['heads'] !== undefined) return [];
    const states = during(history, recorded.atMs - INVOCATION_MS, recorded.atMs);
    const isTrue =
      reason === 'webhook_gone'
        ? states.some((state) => state === undefined || state['deleted_by'] !== undefined)
        : reason === 'webhook_inactive'
          ? states.some((state) => state?.['active'] === false)
          : reason === 'internal';
    return isTrue ? [] : [`Attempt ${number} of ${id} was not made: ${reason}, which is not so`];
  });
}
