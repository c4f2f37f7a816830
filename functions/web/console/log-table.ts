import { html } from 'hono/html';
import type { About } from '../../domain/about.ts';
import type { AttemptSummary, DeliverySummary } from '../../domain/delivery.ts';
import { maySend } from '../../domain/hold.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { Html } from './frame.ts';
import type { NamespaceVisit } from './pages.ts';
import { aboutText } from './parts/about.ts';
import { attemptBadge, attemptOfMany, heldUntil, standingOf } from './parts/delivery-state.ts';
import { timeTag } from './parts/time.ts';
import { duration, exactTime } from './words.ts';

/** What the rows of a log are made from. */
export type Rows = {
  readonly webhook: Webhook;
  readonly deliveries: readonly DeliverySummary[];
  /** What they are about, by their ids. */
  readonly abouts: ReadonlyMap<string, About>;
};

/** Enough of a delivery's id to find it in a receiver's log by; all of it is a hint, and on its page. */
const ID_SHOWN_CHARACTERS = 8;

const COLUMNS = [
  ['Status', ''],
  ['Event', ''],
  ['About', ''],
  ['Attempt', ''],
  ['Next', ''],
  ['Id', ''],
  ['Took', 'number'],
  ['Happened', 'number'],
] as const;

/** The rows of the log, with a box each to select it where they may be redelivered. On a phone each is a card. */
export function logTable(visit: NamespaceVisit, rows: Rows) {
  const mayWrite = visit.may('webhook:write');
  const head = COLUMNS.map(([name, kind]) => html`<th role="columnheader" scope="col" class="${kind}">${name}</th>`);
  const all = html`<th role="columnheader" scope="col" class="box"><span class="visually-hidden">Selected</span>
<label class="scripted"><input type="checkbox" data-select-all aria-label="Select all on this page"></label></th>`;
  return html`<table class="table log" role="table" aria-label="Deliveries"><thead role="rowgroup"><tr role="row">${mayWrite ? all : ''}${head}</tr></thead>
<tbody role="rowgroup">${rows.deliveries.map((delivery) => row(visit, rows, delivery))}</tbody></table>`;
}

function row(visit: NamespaceVisit, { webhook, abouts }: Rows, delivery: DeliverySummary) {
  const { links, namespace, nowMs, may } = visit;
  const { deliveryId, eventType } = delivery[0];
  const url = links.delivery(namespace, webhook.id, deliveryId);
  const standing = standingOf(delivery);
  const made = delivery.findLast(({ status }) => status !== 'held');
  const name = `${eventType} of ${exactTime(Date.parse(delivery[0].eventCreatedAt))}`;
  const box = html`<td role="cell" class="box" data-label=""><label><input type="checkbox" name="delivery" value="${deliveryId}" aria-label="Select ${name}"></label></td>`;
  return html`<tr role="row" id="d-${deliveryId}">${may('webhook:write') ? box : ''}
<td role="cell" class="status" data-label="">${attemptBadge(standing)}</td>
<td role="cell" class="event" data-label=""><a href="${url}">${eventType}</a></td>
${cell('About', '', aboutText(abouts.get(deliveryId)))}
${cell('Attempt', 'quiet', attempts(standing, made, nowMs))}
${cell('Next', 'quiet', next({ standing, webhook, nowMs, steps: may('webhook:write') ? steps(url, { name, deliveryId }) : undefined }))}
${cell('Id', 'mono quiet', html`<span title="${deliveryId}">…${deliveryId.slice(-ID_SHOWN_CHARACTERS)}</span>`)}
${cell('Took', 'number mono', made ? duration(made.durationMs) : '')}
${cell('Happened', 'number quiet', timeTag(delivery[0].eventCreatedAt, nowMs))}</tr>`;
}

/** A cell that is empty is left out where rows are cards. */
function cell(label: string, kind: string, content: Html | string) {
  return content === ''
    ? html`<td role="cell" class="none" data-label=""></td>`
    : html`<td role="cell" class="${kind}" data-label="${label}"><div>${content}</div></td>`;
}

/** Which attempt of how many and, where the first one is not the last, when that was: the log is in the order of the events. */
function attempts(standing: AttemptSummary, made: AttemptSummary | undefined, nowMs: number): Html | string {
  const text = attemptOfMany(standing);
  return made !== undefined && made.number > 1 ? html`${text} · ${timeTag(made.startedAt, nowMs)}` : text;
}

type Steps = { readonly now: Html; readonly again: Html; readonly cancel: Html };

/** What can be done from a row. Each is sent with the form that all rows are in. */
function steps(url: string, { name, deliveryId }: { readonly name: string; readonly deliveryId: string }): Steps {
  // By its id a script that renews the row tells one button from the other.
  const button = (path: string, text: string) =>
    html`<button class="link" id="${path}-${deliveryId}" formaction="${url}/${path}">${text}<span class="visually-hidden">: ${name}</span></button>`;
  return {
    now: button('redeliver', 'now'),
    again: button('redeliver', 'redeliver'),
    cancel: button('cancel', 'cancel'),
  };
}

type NextOf = {
  readonly standing: AttemptSummary;
  readonly webhook: Webhook;
  readonly nowMs: number;
  readonly steps: Steps | undefined;
};

/** What comes next of a delivery, and what can be done about it where the waiting is shown. */
function next({ standing, webhook, nowMs, steps }: NextOf): Html | string {
  const { status, nextAttemptAt } = standing;
  if (status === 'succeeded') return '';
  // A webhook that is paused or inactive would refuse it.
  const mayNow = maySend(webhook, nowMs);
  if (status === 'dead' || status === 'cancelled') {
    const word = status === 'dead' ? 'given up' : 'cancelled';
    return steps && mayNow ? html`${word} · ${steps.again}` : word;
  }
  if (!webhook.active) return 'will be cancelled';
  const when =
    status === 'held'
      ? heldUntil(standing, webhook, nowMs)
      : nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > nowMs
        ? timeTag(nextAttemptAt, nowMs)
        : 'any moment';
  if (steps === undefined) return when;
  return mayNow ? html`${when} · ${steps.now} · ${steps.cancel}` : html`${when} · ${steps.cancel}`;
}
