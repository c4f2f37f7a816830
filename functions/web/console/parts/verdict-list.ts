import { html } from 'hono/html';
import type { EventVerdict } from '../../../actions/events.ts';
import type { NamespaceVisit } from '../pages.ts';
import { table } from './table.ts';
import { verdictBadge, whyVerdict } from './verdict.ts';

type Urls = ReadonlyMap<number, string>;

/** The verdict on every webhook, why, and the way to its delivery, where there is one. */
export function verdictTable(visit: NamespaceVisit, verdicts: readonly EventVerdict[], urls: Urls) {
  const { links, namespace } = visit;
  const columns = [
    { name: 'Verdict' },
    { name: 'Webhook', kind: 'url' as const },
    { name: 'Why' },
    { name: 'Delivery' },
  ];
  const rows = verdicts.map(({ webhookId, verdict, deliveryId }) => {
    const url = urls.get(webhookId);
    const delivery = deliveryId && url ? links.delivery(namespace, webhookId, deliveryId) : undefined;
    return [
      verdictBadge(verdict),
      url === undefined
        ? html`<span class="quiet">Webhook ${webhookId}, which is deleted</span>`
        : html`<a href="${links.webhook(namespace, webhookId)}">${url}</a>`,
      html`<span class="quiet">${whyVerdict(verdict)}</span>`,
      delivery === undefined
        ? ''
        : html`<a href="${delivery}">See its attempts<span class="visually-hidden">: ${url}</span></a>`,
    ];
  });
  return table({ label: 'Verdicts', columns, rows });
}

/**
 * The verdicts on an event's webhooks, counted: the worst first, for that is what is looked for; and quietly, how many it was never meant
 * for.
 */
export function verdictCounts(verdicts: readonly EventVerdict[]) {
  if (verdicts.length === 0) return html`<span class="quiet">no webhook was there</span>`;
  const counts = Map.groupBy(verdicts, ({ verdict }) => verdict);
  const badges = LOUD.flatMap((verdict) => {
    const some = counts.get(verdict);
    return some === undefined ? [] : [html`<span class="counted">${verdictBadge(verdict)} ${some.length}</span>`];
  });
  const quiet = [
    ...wordsFor(counts.get('expired')?.length, 'no longer kept'),
    ...wordsFor(counts.get('inactive')?.length, 'inactive'),
    ...wordsFor(counts.get('not_subscribed')?.length, 'not subscribed'),
  ];
  return html`<span class="verdicts">${badges}<span class="quiet">${quiet.join(', ')}</span></span>`;
}

const LOUD: readonly EventVerdict['verdict'][] = ['dead', 'retrying', 'held', 'queued', 'succeeded', 'cancelled'];

function wordsFor(number: number | undefined, words: string): string[] {
  return number === undefined ? [] : [`${number} ${words}`];
}
