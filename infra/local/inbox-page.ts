import { html, raw } from 'hono/html';
import type { Arrival, SignatureVerdict } from './arrival.ts';

/** The page's style sheet. */
export const INBOX_STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1f2328, #e6e4df); --quiet: light-dark(#5b6068, #a3a19b);
  --ground: light-dark(#f7f5f1, #1b1a18); --panel: light-dark(#fff, #242321); --line: light-dark(#dedad2, #3b3936);
  --good: light-dark(#1a6b3a, #6cc78d); --bad: light-dark(#b3261e, #f2938c); --wait: light-dark(#8a5300, #e2b15f); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
p { color: var(--quiet); margin: .25rem 0 1rem; }
details, .empty { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; margin: .5rem 0; }
.empty { padding: 1rem; }
summary { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .6rem .9rem; cursor: pointer; }
summary:focus-visible, a:focus-visible { outline: 2px solid #2f6feb; outline-offset: 2px; border-radius: 4px; }
summary time { margin-left: auto; color: var(--quiet); font-variant-numeric: tabular-nums; }
.valid { color: var(--good); } .invalid { color: var(--bad); } .absent { color: var(--wait); }
.body { padding: 0 .9rem .9rem; }
h2 { font-size: .95rem; margin: .75rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; font: 13px/1.5 ui-monospace, monospace; }
td { padding: .1rem .75rem .1rem 0; vertical-align: top; overflow-wrap: anywhere; } td:first-child { color: var(--quiet); white-space: nowrap; }
pre, code { font: 13px/1.5 ui-monospace, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
`;

const VERDICTS: Readonly<Record<SignatureVerdict, string>> = {
  valid: '✓ signature valid',
  invalid: '✗ signature invalid',
  absent: '– not signed',
};

/** The page of what arrived at the inbox, newest first. */
export function inboxPage(arrivals: readonly Arrival[]) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Inbox</title>
<style>${raw(INBOX_STYLE)}</style></head>
<body><main>
<h1>Inbox</h1>
<p>${arrivals.length === 0 ? 'A receiver to play with.' : 'What arrived since the start, newest first (the last 200).'}
<a href="/inbox">Refresh</a></p>
${arrivals.length === 0 ? empty() : arrivals.map(arrivalPanel)}
</main></body></html>`;
}

function empty() {
  return html`<div class="empty"><strong>Nothing has arrived yet.</strong>
<p>Emit an event in another terminal, then refresh this page:</p>
<pre>npm run ctl -- event emit build.finished</pre></div>`;
}

function arrivalPanel(arrival: Arrival, index: number) {
  const header = (name: string) => arrival.headers.find(([key]) => key === name)?.[1];
  const body = arrival.bodyBytes === Buffer.byteLength(arrival.body) ? pretty(arrival.body) : arrival.body;
  return html`<details ${index === 0 ? 'open' : ''}>
<summary><strong>${header('x-djinn-ci-event') ?? 'A request'}</strong>
<span class="${arrival.signature}">${VERDICTS[arrival.signature]}</span>
<span>answered ${arrival.status}</span>
<time datetime="${arrival.receivedAt}">${arrival.receivedAt.slice(11, 19)} UTC</time></summary>
<div class="body">
<h2>Headers</h2><table>${arrival.headers.map(([name, value]) => html`<tr><td>${name}</td><td>${value}</td></tr>`)}</table>
<h2>Body <small>${arrival.bodyBytes} bytes</small></h2><pre>${body}</pre>
<p class="${arrival.standardSignature}">Standard Webhooks: ${VERDICTS[arrival.standardSignature]}</p>
</div></details>`;
}

/** Indented where that shows the same JSON; a number that a parser would round is shown as it came. */
function pretty(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    return JSON.stringify(value) === body ? JSON.stringify(value, null, 2) : body;
  } catch {
    return body;
  }
}
