import { html } from 'hono/html';
import type { Html } from './frame.ts';
import type { Visit } from './pages.ts';
import { bodyBox } from './parts/body.ts';
import { bytes } from './words.ts';

/** A payload as it was sent, for whoever wants it whole: a file, and nothing that a browser shows. */
export function payloadFile({ context }: Visit, name: string, payload: Uint8Array): Response {
  return context.body(new Uint8Array(payload), 200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}.json"`,
  });
}

/** A payload on a page: its size, the way to its file, and what of it can be shown. */
export function payloadBox(payload: Uint8Array, url: string, level: 2 | 3): Html {
  const heading = html`Payload <span class="quiet">${bytes(payload.length)} · <a href="${url}" download>Download</a></span>`;
  return html`${level === 2 ? html`<h2>${heading}</h2>` : html`<h3>${heading}</h3>`}
${bodyBox(Buffer.from(payload).toString('utf8'), { name: 'Payload', whole: 'Download it to see all of it.' })}`;
}
