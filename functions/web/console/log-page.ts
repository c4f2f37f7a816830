import { html } from 'hono/html';
import { LOG_ATTEMPTS_READ_MAX, LOG_PAGE_ROWS } from '../../domain/limits.ts';
import type { Neighbours } from '../../domain/page.ts';
import type { Html } from './frame.ts';
import type { LogQuery, Typed } from './log-filter.ts';
import { logFilters } from './log-filters.ts';
import { logTable, type Rows } from './log-table.ts';
import type { NamespaceVisit } from './pages.ts';
import { icon } from './parts/icon.ts';
import { pager } from './parts/pager.ts';
import { grouped } from './words.ts';

/** A page of the log, with what was asked for. */
export type LogPage = Rows & {
  /** Of the log, without a filter. */
  readonly url: string;
  readonly typed: Typed;
  readonly query: LogQuery;
  readonly neighbours: Neighbours;
};

/** The log below the head of its webhook. Its first page looks again by itself. */
export function logBody(visit: NamespaceVisit, log: LogPage): Html {
  const { query, deliveries, neighbours, url, typed } = log;
  const isLive = query.cursor === undefined;
  const isEmpty = deliveries.length === 0 && !query.isFiltered && isLive && neighbours.next === undefined;
  const search = new URL(visit.context.req.url).searchParams.toString();
  return html`${isEmpty ? '' : logFilters({ url, typed, errors: {} })}
<form method="post" action="${url}"><input type="hidden" name="log" value="${search}">
<div class="toolbar">${visit.may('webhook:write') ? html`<button class="button" data-selection>Redeliver selected</button>` : ''}
<span class="live">${isLive ? liveToggle() : ''}<a class="button${isLive ? ' unscripted' : ''}" href="${search ? `${url}?${search}` : url}">Refresh</a></span></div>
<div id="log"${isLive ? html` data-live` : ''}>${isEmpty ? noDeliveries(visit, log) : results(visit, log)}</div></form>`;
}

/** Keeps the page up to date, by a script, and can be told not to. */
export function liveToggle() {
  return html`<button type="button" class="button scripted" data-live-toggle aria-pressed="true">${icon('dot')}<span>Live</span></button>`;
}

/** The log's page where its URL asks for what there cannot be. */
export function logProblem({
  url,
  typed,
  errors,
}: {
  readonly url: string;
  readonly typed: Typed;
  readonly errors: Readonly<Record<string, string>>;
}): Html {
  const sentences = Object.values(errors).map((sentence) => html`<li>${sentence}.</li>`);
  return html`${logFilters({ url, typed, errors })}
<div class="notice bad" role="alert" id="filter-errors">${icon('warning')}<div><ul class="plain">${sentences}</ul><a href="${url}">Clear the filter</a></div></div>`;
}

function results(visit: NamespaceVisit, log: LogPage) {
  const { query, deliveries, neighbours } = log;
  const url = new URL(visit.context.req.url);
  const further = query.cursor?.direction === 'upto' ? neighbours.prev : neighbours.next;
  const isCutShort = further !== undefined && deliveries.length < LOG_PAGE_ROWS;
  const read = grouped(LOG_ATTEMPTS_READ_MAX);
  if (deliveries.length > 0) {
    const note = isCutShort ? `${read} attempts were read for this page. There may be more.` : '';
    return html`${logTable(visit, log)}${pager(neighbours, { url, words: ['Newer', 'Older'], note })}`;
  }
  const text = isCutShort
    ? `Nothing like this is among the ${read} attempts that were read. Look further.`
    : 'Nothing in the log is like this.';
  return html`<section class="empty"><h2>No such deliveries</h2><p>${text}</p>
<p>${query.isFiltered ? html`<a class="button" href="${log.url}">Clear the filter</a>` : html`<a class="button" href="${log.url}">To the newest</a>`}</p></section>
${pager(neighbours, { url, words: ['Look at newer ones', 'Look further back'] })}`;
}

function noDeliveries({ links, namespace, may }: NamespaceVisit, { webhook }: LogPage) {
  const events = webhook.events.length === 0 ? 'any event' : webhook.events.join(', ');
  return html`<section class="empty"><h2>No deliveries yet</h2>
<p>Each time that ${events} happens in ${namespace.path}, a request is sent to this webhook's URL. It stands here from its first attempt on, with what was
sent and answered; what fails is tried again by itself.</p>
${may('webhook:write') ? html`<p><a class="button primary" href="${links.webhook(namespace, webhook.id)}/test">Send a test…</a></p>` : ''}
<p><a href="${links.apiDocs}#sendEvent">Send an event of your own</a> · <a href="${links.events(namespace)}">What has happened here so far</a></p></section>`;
}
