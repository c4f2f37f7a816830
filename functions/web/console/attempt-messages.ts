import { html } from 'hono/html';
import type { Attempt, HeaderList } from '../../domain/delivery.ts';
import { statusLine } from '../../domain/http-status.ts';
import { BODY_SHOWN_MAX_CHARACTERS, REPLY_KEPT_MAX_BYTES } from '../../domain/limits.ts';
import { prettyJson } from '../../domain/pretty-json.ts';
import type { Html } from './frame.ts';
import { beginningOf, codeBox, decoded, visible } from './parts/foreign-text.ts';
import { bytes } from './words.ts';

/** What an attempt sent, or would have sent: its head and the event's payload, which is undefined where it is no longer kept. */
export function requestColumn(attempt: Attempt, payload: Uint8Array | undefined, downloadUrl: string): Html {
  const { request, connection } = attempt;
  const url = request && URL.parse(request.url);
  const first = url ? `POST ${url.pathname}${url.search} HTTP/${connection?.httpVersion ?? '1.1'}` : '';
  const head = url && request ? headBox(first, [['Host', url.host], ...request.headers], 'Request headers') : '';
  return html`<section class="column"><h2>Request</h2>
${request ? head : html`<p class="quiet">Nothing was sent in this attempt.</p>`}
${payload ? payloadBoxes(payload, downloadUrl) : html`<p class="quiet">The payload is no longer kept.</p>`}</section>`;
}

function payloadBoxes(payload: Uint8Array, downloadUrl: string): Html {
  const text = Buffer.from(payload).toString('utf8');
  const download = html`<a href="${downloadUrl}" download>Download</a>`;
  return bodyBoxes(text, { name: 'Payload', size: html`${bytes(payload.length)} · ${download}`, hasRest: true });
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
    ...(response.truncated ? [`Only the first ${bytes(REPLY_KEPT_MAX_BYTES)} were kept.`] : []),
    ...(isUtf8 ? [] : ['It is not UTF-8: � stands for what cannot be read.']),
  ];
  const body =
    response.body.length === 0
      ? html`<p class="code quiet">The body is empty.</p>`
      : bodyBoxes(text, { name: 'Body', size: bytes(response.body.length) });
  return html`<h2>Response</h2>${headBox(first, response.headers, 'Response headers')}${body}
${notes.length > 0 ? html`<p class="hint">${notes.join(' ')}</p>` : ''}`;
}

function headBox(first: string, headers: HeaderList, label: string): Html {
  const lines = headers.map(
    ([name, value]) => html`
<span class="quiet">${visible(name)}:</span> ${visible(value)}`,
  );
  const all = [first, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\n');
  return codeBox(html`<b>${visible(first)}</b>${lines}`, label, all);
}

type BodyOf = { readonly name: string; readonly size: Html | string; readonly hasRest?: boolean };

/** A body: JSON laid out, with what it was made from below; else as it came. */
function bodyBoxes(text: string, { name, size, hasRest = false }: BodyOf): Html {
  const pretty = prettyJson(text, BODY_SHOWN_MAX_CHARACTERS);
  const raw = beginningOf(text, BODY_SHOWN_MAX_CHARACTERS);
  const rest = hasRest ? ' Download it to see all of it.' : '';
  const cut = (isCut: boolean) => (isCut ? html`<p class="hint">Only the beginning is shown.${rest}</p>` : '');
  const rawText = visible(raw.text);
  const unseen =
    rawText === raw.text
      ? ''
      : html`<p class="hint">Characters that cannot be seen are shown by signs, such as ␛ or \\u202e.</p>`;
  const title = html`<h3>${name} <small>${size}</small></h3>`;
  if (pretty === undefined) return html`${title}${codeBox(rawText, name)}${cut(raw.isCut)}${unseen}`;
  return html`${title}${codeBox(visible(pretty.text), `${name}, as JSON`)}${cut(pretty.isCut)}${unseen}
<details><summary>Raw, byte for byte</summary>${codeBox(rawText, `${name}, raw`)}${cut(raw.isCut)}</details>`;
}
