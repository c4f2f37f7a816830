import { html } from 'hono/html';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { DELIVERY_STATUSES } from '../../domain/delivery.ts';
import { type FilterField, SPANS, type Typed } from './log-filter.ts';
import { statusWord } from './parts/delivery-state.ts';
import { select } from './parts/select.ts';

type FiltersOf = {
  /** Of the log, without a filter. */
  readonly url: string;
  readonly typed: Typed;
  readonly errors: Readonly<Partial<Record<string, string>>>;
};

/** The filter of the log: a form whose fields stand in the URL. */
export function logFilters({ url, typed, errors }: FiltersOf) {
  const isFiltered = Object.values(typed).some((text) => text !== '');
  const spans = Object.entries(SPANS).map(([name, { text }]) => [name, text] as const);
  const times = { typed, errors };
  return html`<form method="get" action="${url}" class="filters" role="search" aria-label="Deliveries">
${select({ name: 'status', chosen: typed.status, label: 'Status', all: 'All', options: DELIVERY_STATUSES.map((one) => [one, statusWord(one)]) })}
${select({ name: 'event', chosen: typed.event, label: 'Event', all: 'All', options: EVENT_TYPES.map((one) => [one, one]) })}
${select({ name: 'within', chosen: typed.within, label: 'When it happened', all: 'Any time', options: spans })}
${text({ name: 'since', label: 'From (UTC)', placeholder: '2026-11-23 12:00', ...times })}
${text({ name: 'until', label: 'Until (UTC)', placeholder: '2026-11-23 18:00', ...times })}
${text({ name: 'id', label: 'Delivery id', placeholder: 'X-Djinn-CI-Delivery', ...times })}
<div class="buttons"><button class="button">Filter</button>${isFiltered ? html`<a class="button" href="${url}">Clear</a>` : ''}</div></form>`;
}

type TextOf = Pick<FiltersOf, 'typed' | 'errors'> & {
  readonly name: FilterField;
  readonly label: string;
  readonly placeholder: string;
};

function text({ name, label, placeholder, typed, errors }: TextOf) {
  const error = errors[name];
  return html`<div class="f-${name}"><label for="f-${name}">${label}</label>
<input id="f-${name}" name="${name}" value="${typed[name]}" placeholder="${placeholder}" autocomplete="off" spellcheck="false"${
    error ? html` aria-invalid="true" aria-describedby="filter-errors"` : ''
  }></div>`;
}
