import { html } from 'hono/html';
import type { Attempt, HeaderList } from '../../domain/delivery.ts';
import { statusLine } from '../../domain/http-status.ts';
import { REPLY_KEPT_MAX_BYTES } from '../../domain/limits.ts';
import type { Html } from './frame.ts';
import { bodyBox, codeBox } from './parts/body.ts';
import { decoded, visible } from './parts/foreign-text.ts';
import { payloadBox } from './payload-file.ts';
import { bytes } from './words.ts';

/** What an attempt sent, or would have sent: its head and the event's payload, which is undefined where it is no longer kept. */
export function requestColumn(attempt: Attempt, payload: Uint8Array | undefined, downloadUrl: string): Html {
  const { request, connection } = attempt;
  const url = request && URL.parse(request.url);
  const first = url ? `POST ${url.pathname}${url.search} HTTP/${connection?.httpVersion ?? '1.1'}` : '';
  const head = url && request ? headBox(first, [['Host', url.host], ...request.headers], 'Request headers') : '';
  return html`<section class="column"><h2>Request</h2>
${request ? head : html`<p class="quiet">Nothing was sent in this attempt.</p>`}
${payload ? payloadBox(payload, downloadUrl, 3) : html`<p class="quiet">The payload is no longer kept.</p>`}</section>`;
}

/** What the receiver answered, where it did. */
export function responseColumn({ response, error, connection }: Attempt): Html {
  if (response === undefined) {
    const why = error ? `${error.message}.` : 'The attempt has not been made.';
    return html`<h2>Response</h2><p class="code quiet">No response. ${visible(why)}</p>`;
  }
  const first = `HTTP/${connection?.httpVersion ?? '1.1'} ${statusLine(response.status)}`;
  const { text, isUtf8 } = decoded(response.body, response.truncated);
  const notes = [
    ...(response.truncated ? [whatIsMissing(response.body)] : []),
    ...(isUtf8 ? [] : ['It is not UTF-8: � stands for what cannot be read.']),
  ];
  const body =
    response.body.length === 0
      ? html`<p class="code quiet">The body is empty.</p>`
      : html`<h3>Body <span class="quiet">${bytes(response.body.length)}</span></h3>${bodyBox(text, { name: 'Body' })}`;
  return html`<h2>Response</h2>${headBox(first, response.headers, 'Response headers')}${body}
${notes.length > 0 ? html`<p class="hint">${notes.join(' ')}</p>` : ''}`;
}

/** Why a reply is not whole: it was longer than what is kept, or it broke off before. */
function whatIsMissing(kept: Uint8Array): string {
  return kept.length < REPLY_KEPT_MAX_BYTES
    ? 'It broke off here.'
    : `Only the first ${bytes(REPLY_KEPT_MAX_BYTES)} were kept.`;
}

function headBox(first: string, headers: HeaderList, label: string): Html {
  const lines = headers.map(
    ([name, value]) => html`
<span class="quiet">${visible(name)}:</span> ${visible(value)}`,
  );
  const all = [first, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\n');
  return codeBox(html`<b>${visible(first)}</b>${lines}`, label, all);
}
