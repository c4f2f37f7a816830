import { html } from 'hono/html';
import { listNamespaces, type NamespaceListDeps, type ReachableNamespace } from '../../actions/namespaces.ts';
import { isNamespacePath, isUsername } from '../../domain/namespace.ts';
import type { Links } from './links.ts';
import { type PageDeps, type PageRoute, type SignedInVisit, signedInPage } from './pages.ts';
import { table } from './parts/table.ts';
import { count } from './words.ts';

type Deps = PageDeps & NamespaceListDeps;

const NO_NAMESPACE = 'This is no path of a namespace: an owner and up to 20 names, joined by /, such as admin/demo';

/** The first page: the namespaces of whoever is here, and a way to any other one. */
export function namespaceListRoutes(deps: Deps): readonly PageRoute[] {
  return [
    signedInPage(deps, {
      method: 'GET',
      path: '',
      async handle(visit) {
        const asked = visit.context.req.query('open')?.trim() ?? '';
        const path = asked === '' ? undefined : webhooksOf(asked, visit.links);
        if (path !== undefined) return visit.goTo(path);
        const error = asked === '' ? undefined : NO_NAMESPACE;
        const mayList = visit.caller.scopes.includes('namespace:read');
        const body = mayList ? await listed(deps, visit) : unlisted();
        return visit.show(
          {
            title: 'Namespaces',
            body: html`<div class="head"><h1>Namespaces</h1><div class="actions">${openForm(visit, { asked, error })}</div></div>${body}`,
          },
          error === undefined ? 200 : 400,
        );
      },
    }),
  ];
}

/** The tab of a namespace that is named as people write it: with slashes, perhaps one at the end too many. */
function webhooksOf(asked: string, { webhooks }: Links): string | undefined {
  const [username = '', ...names] = asked.split('/').filter((name) => name !== '');
  const path = names.join('/');
  return isUsername(username) && isNamespacePath(path) ? webhooks({ owner: { username }, path }) : undefined;
}

function openForm(
  { links }: SignedInVisit,
  { asked, error }: { readonly asked: string; readonly error: string | undefined },
) {
  return html`<form method="get" action="${links.root}" class="row open" role="search">
<label class="visually-hidden" for="open">Open a namespace by its path</label>
<input id="open" name="open" value="${asked}" placeholder="owner/path" spellcheck="false" autocapitalize="off"${
    error ? html` aria-invalid="true" aria-describedby="open-error"` : ''
  }>
<button class="button">Open</button>${error ? html`<p class="error" id="open-error">${error}.</p>` : ''}</form>`;
}

async function listed(deps: Deps, visit: SignedInVisit) {
  const { rows, hasMore } = await listNamespaces(deps, visit.caller);
  if (rows.length === 0) return none(visit);
  const more = hasMore ? html`<p class="hint">There are more than these. Open the others by their paths.</p>` : '';
  return html`${namespaceTable(visit, rows)}<p class="hint">${count(rows.length, 'namespace')}</p>${more}`;
}

function namespaceTable({ links }: SignedInVisit, rows: readonly ReachableNamespace[]) {
  return table({
    label: 'Namespaces',
    columns: [
      { name: 'Namespace', kind: 'url' },
      { name: 'Description' },
      { name: 'Visibility' },
      { name: 'Yours by' },
    ],
    rows: rows.map(({ namespace, isOwn }) => [
      html`<a href="${links.webhooks(namespace)}">${namespace.owner.username}/${namespace.path}</a>`,
      namespace.description,
      namespace.visibility,
      isOwn ? 'owning it' : 'collaborating',
    ]),
  });
}

function none({ caller }: SignedInVisit) {
  return html`<section class="empty"><h2>No namespaces yet</h2>
<p>Djinn CI tells of a namespace when it is created there, or changed. An operator can make one known by hand:</p>
<p><code>npm run ctl -- namespace add ${caller.user.username}/my-project</code></p></section>`;
}

function unlisted() {
  return html`<section class="empty"><h2>Open a namespace by its path</h2>
<p>The token that you are signed in with may not list namespaces: it lacks <code>namespace:read</code>.</p></section>`;
}
