import { html } from 'hono/html';
import type { Namespace } from '../../domain/namespace.ts';
import type { Assets } from './assets.ts';
import type { Flash } from './flash.ts';
import type { Links } from './links.ts';
import { icon } from './parts/icon.ts';

export type Html = ReturnType<typeof html>;

/** One step of the way to a page; the page itself is the last one, and has no link. */
export type Crumb = { readonly text: string; readonly href?: string };

/** What a page is made of, but for the frame around it. */
export type Page = {
  /** What the browser's tab says: the page, before the name of the product. */
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  /** The namespace whose tabs stand above the page, and which of them it is. */
  readonly tabs?: { readonly namespace: Namespace; readonly here: Tab };
  readonly body: Html;
};

type Tab = 'webhooks' | 'events';

/** What the frame says of who is here, and where. */
export type Surroundings = {
  readonly links: Links;
  readonly assets: Assets;
  readonly username?: string | undefined;
  readonly flash?: Flash | undefined;
};

/** A whole page. The `main` of each has one heading of the first level. */
export function frame(page: Page, around: Surroundings): Html {
  const { links, assets, flash } = around;
  const asset = (name: Parameters<Assets['hashedName']>[0]) => links.asset(assets.hashedName(name));
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · Djinn CI webhooks</title>
<link rel="icon" href="${asset('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${asset('console.css')}">
<script type="module" src="${asset('live.js')}"></script>
<script type="module" src="${asset('forms.js')}"></script></head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${header(around)}
<main id="main" tabindex="-1">
${page.crumbs ? crumbs(page.crumbs) : ''}
${page.tabs ? tabs(page.tabs, links) : ''}
${flash ? flashBox(flash) : ''}
${page.body}
<span class="visually-hidden" role="status" data-live-said></span>
</main>
</body></html>`;
}

function header({ links, username }: Surroundings) {
  const signOut = html`<form method="post" action="${links.signOut}" class="who"><span>${username}</span>
<button class="button">Sign out</button></form>`;
  return html`<header class="top"><a class="brand" href="${links.root}">Djinn CI</a>
<nav aria-label="Main"><a href="${links.root}">Webhooks</a> <a href="${links.apiDocs}">API</a></nav>
${username === undefined ? '' : signOut}</header>`;
}

function crumbs(all: readonly Crumb[]) {
  const step = ({ text, href }: Crumb) =>
    html`<li>${href === undefined ? html`<span aria-current="page">${text}</span>` : html`<a href="${href}">${text}</a>`}</li>`;
  return html`<nav class="crumbs" aria-label="Breadcrumb"><ol>${all.map(step)}</ol></nav>`;
}

function tabs({ namespace, here }: NonNullable<Page['tabs']>, links: Links) {
  const tab = (name: Tab, text: string, href: string) =>
    html`<li><a href="${href}"${name === here ? html` aria-current="page"` : ''}>${text}</a></li>`;
  return html`<nav class="tabs" aria-label="Namespace"><ul>${tab('webhooks', 'Webhooks', links.webhooks(namespace))}
${tab('events', 'Events', links.events(namespace))}</ul></nav>`;
}

function flashBox({ kind, text }: Flash) {
  const isDone = kind === 'done';
  return html`<p class="notice ${isDone ? 'good' : 'bad'}" role="${isDone ? 'status' : 'alert'}">${icon(isDone ? 'check' : 'warning')}<span>${text}</span></p>`;
}
