import { html } from 'hono/html';
import type { WebhookView } from '../../actions/webhooks.ts';
import type { About } from '../../domain/about.ts';
import { adviceOn, attemptLabel } from '../../domain/advice.ts';
import { certificateWarning } from '../../domain/connection.ts';
import { curlCommand } from '../../domain/curl.ts';
import { type Attempt, type Delivery, isRedelivery, numberInRun } from '../../domain/delivery.ts';
import { isPaused, maySend } from '../../domain/hold.ts';
import { statusLine } from '../../domain/http-status.ts';
import { requestColumn, responseColumn } from './attempt-messages.ts';
import type { Html } from './frame.ts';
import { liveToggle } from './log-page.ts';
import type { NamespaceVisit } from './pages.ts';
import { aboutText } from './parts/about.ts';
import { codeBox } from './parts/body.ts';
import { attemptBadge, attemptOfMany, deliveryBadge, heldUntil, lookOf, standingOf } from './parts/delivery-state.ts';
import { visible } from './parts/foreign-text.ts';
import { icon } from './parts/icon.ts';
import { phaseBar } from './parts/phase-bar.ts';
import { timeTag } from './parts/time.ts';
import { type SignatureBox, signatureBox } from './signature-box.ts';
import { count, duration, exactTime, span } from './words.ts';

/** What the page of a delivery shows. */
export type DeliveryView = {
  readonly view: WebhookView;
  readonly delivery: Delivery;
  readonly payload: Uint8Array | undefined;
  readonly about: About | undefined;
  /** The attempt that is looked at. */
  readonly attempt: Attempt;
  /** What somebody's code has computed, and what is to be said of it. */
  readonly signature?: SignatureBox | undefined;
  readonly showsCurl: boolean;
};

/** What an event is, in a heading: `build.finished · Build #1842 · failed`. */
export function deliveryTitle({ delivery, about }: Pick<DeliveryView, 'delivery' | 'about'>): string {
  return about ? `${delivery[0].eventType} · ${about.text}` : delivery[0].eventType;
}

/** The page of a delivery. It looks again by itself, but where it answers a form. */
export function deliveryBody(visit: NamespaceVisit, shown: DeliveryView): Html {
  const { links, namespace } = visit;
  const { view, delivery, attempt } = shown;
  const url = links.delivery(namespace, view.webhook.id, delivery[0].deliveryId);
  const live = shown.signature === undefined ? html` data-live` : '';
  const here = attempt === standingOf(delivery) ? url : `${url}?attempt=${attempt.number}`;
  return html`<div id="delivery"${live}>${head(visit, shown, url)}</div>
<div class="toolbar"><nav id="attempts"${live} class="attempts" aria-label="Attempts"><ul class="plain">${earlier(delivery)}${delivery.map((one) => attemptTab(one, attempt, url))}</ul></nav>
<span class="live">${live ? liveToggle() : ''}<a class="button${live ? ' unscripted' : ''}" href="${here}">Refresh</a></span></div>
<div id="attempt"${live}>${attemptPanel(visit, shown)}${adviceBox(shown)}
<div class="columns">
<div>${requestColumn(attempt, shown.payload, `${url}/payload`)}${curlBox(shown)}</div>
<div>${attempt.status === 'held' ? '' : responseColumn(attempt)}${visit.may('webhook:write') && attempt.request ? signatureBox({ url, attempt, box: shown.signature }) : ''}</div>
</div></div>`;
}

function head(visit: NamespaceVisit, shown: DeliveryView, url: string) {
  const { links, namespace, nowMs } = visit;
  const { delivery, payload, about } = shown;
  const [first] = delivery;
  const last = standingOf(delivery);
  const event = { id: first.eventId, createdAt: first.eventCreatedAt };
  const subject = aboutText(about);
  return html`<div class="head"><h1>${first.eventType}${subject ? html` · ${subject}` : ''}</h1>${deliveryBadge(last, nowMs)}
<div class="actions">${payload ? actions(visit, shown, url) : ''}</div></div>
<p class="lead wide">${situation(visit, shown, last)} <a href="${links.event(namespace, event)}">${first.isTest ? 'A test' : 'Happened'} ${timeTag(first.eventCreatedAt, nowMs)}</a> · delivery <code>${first.deliveryId}</code></p>`;
}

function actions(visit: NamespaceVisit, { delivery, attempt, view }: DeliveryView, url: string) {
  const last = standingOf(delivery);
  const isWaiting = last.status === 'retrying' || last.status === 'held';
  const post = (path: string, text: string, kind: string) =>
    html`<form method="post" action="${url}/${path}" id="do-${path}"><button class="button${kind}">${text}</button></form>`;
  const curl = attempt.request
    ? html`<a class="button" href="${url}?attempt=${attempt.number}&curl=show#curl" data-copy="#curl-command">Copy as curl</a>`
    : '';
  if (!visit.may('webhook:write')) return curl;
  return html`${curl}${isWaiting ? post('cancel', last.status === 'held' ? 'Cancel it' : 'Cancel retries', '') : ''}${maySend(view.webhook, visit.nowMs) ? post('redeliver', 'Redeliver now', ' primary') : ''}`;
}

/** In a sentence, where the delivery stands and what comes next. */
function situation({ nowMs }: NamespaceVisit, { view }: DeliveryView, last: Attempt): Html | string {
  const { webhook } = view;
  if (last.status === 'succeeded')
    return `${isRedelivery(last) ? 'Redelivered' : 'Delivered'} in ${count(numberInRun(last), 'attempt')}.`;
  if (last.status === 'dead') return 'Given up: nothing more is sent by itself.';
  if (last.status === 'cancelled') return 'Cancelled: nothing more is sent by itself.';
  if (!webhook.active) return 'The webhook is inactive: this will be cancelled, and is not sent any more.';
  if (last.status === 'held') {
    const why =
      isPaused(webhook, nowMs) && last.error?.class === 'paused' ? 'The webhook is paused' : last.error?.message;
    return html`Held since ${timeTag(last.startedAt, nowMs)}: ${why} (${heldUntil(last, webhook, nowMs)}).`;
  }
  const dueMs = Date.parse(last.nextAttemptAt ?? last.startedAt);
  return dueMs > nowMs
    ? html`Tried again ${timeTag(dueMs, nowMs)}, at ${exactTime(dueMs)}.`
    : 'The next attempt is made any moment.';
}

/** Those that a delivery had before, where it was redelivered many times, or over so many days that they are no longer kept. */
function earlier([{ number }]: Delivery) {
  return number === 1 ? '' : html`<li class="quiet">${count(number - 1, 'earlier one')} not shown</li>`;
}

function attemptTab(one: Attempt, here: Attempt, url: string) {
  const { sign, tone, word } = lookOf(one);
  return html`<li><a class="attempt ${tone}" href="${url}?attempt=${one.number}"${one === here ? html` aria-current="page"` : ''}>${icon(sign)}<span><span class="visually-hidden">Attempt </span>${one.number} · ${attemptLabel(one)}</span><span class="visually-hidden">, ${word}</span></a></li>`;
}

function attemptPanel({ nowMs }: NamespaceVisit, { attempt, view }: DeliveryView) {
  const { response, durationMs, connection, startedAt, status } = attempt;
  if (status === 'held') {
    return html`<section class="panel" aria-label="Attempt"><div class="attempt-facts"><h2>Attempt ${attempt.number} waits</h2>${attemptBadge(attempt)}<span class="quiet">${heldUntil(attempt, view.webhook, nowMs)}</span></div></section>`;
  }
  const expiresAt = connection?.certificateExpiresAt;
  const warning = expiresAt && certificateWarning(expiresAt, Date.parse(startedAt));
  const answer = response ? statusLine(response.status) : attemptLabel(attempt);
  const { tone } = lookOf(attempt);
  return html`<section class="panel" aria-label="Attempt"><div class="attempt-facts"><h2>Attempt ${attemptOfMany(attempt)}</h2><span class="badge ${tone}">${icon(lookOf(attempt).sign)}${answer}</span>
<span class="quiet">${timeTag(startedAt, nowMs)} (${exactTime(Date.parse(startedAt))}) · took ${duration(durationMs)}${connection?.httpVersion ? ` · HTTP/${visible(connection.httpVersion)}` : ''}${expiresAt && !warning ? ` · certificate valid ${span(Date.parse(expiresAt) - Date.parse(startedAt))}` : ''}</span></div>
${phaseBar(attempt)}${warning ? html`<p class="notice wait">${icon('warning')}<span>${warning}.</span></p>` : ''}</section>`;
}

function adviceBox({ attempt, delivery, view }: DeliveryView) {
  const advice = adviceOn(attempt, view.webhook);
  if (advice === undefined) return '';
  return html`<section class="panel advice"><h2>What to do</h2><p><b>${visible(advice.happened)}</b> ${visible(advice.whatToDo)}</p>
${attempt === standingOf(delivery) ? html`<p class="quiet">${advice.next}</p>` : ''}</section>`;
}

function curlBox({ attempt, payload, showsCurl }: DeliveryView) {
  if (attempt.request === undefined || payload === undefined) return '';
  const { command, notes } = curlCommand(attempt.request, payload);
  return html`<details class="panel" id="curl"${showsCurl ? html` open` : ''}><summary>As a command for curl, signed as it was sent</summary>
${codeBox(html`<span id="curl-command">${command}</span>`, 'Command', command)}
<p><button type="button" class="button scripted" data-copy="#curl-command">Copy</button></p>
${notes.map((note) => html`<p class="hint">${note}</p>`)}</details>`;
}
