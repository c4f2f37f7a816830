import { html } from 'hono/html';
import { RefusalError } from '../../domain/errors.ts';
import { isNamespacePath, isUsername } from '../../domain/namespace.ts';
import { type PageDeps, type PageRoute, signedInPage } from './pages.ts';

/** The first page: the namespaces of whoever is here, and a way to any other one. */
export function namespaceRoutes(deps: PageDeps): readonly PageRoute[] {
  return [
    signedInPage(deps, {
      method: 'GET',
      path: '',
      handle({ context, links, show, goTo }) {
        const asked = context.req.query('path')?.trim();
        if (asked) {
          const [username = '', ...names] = asked.split('/').filter(Boolean);
          const path = names.join('/');
          if (!isUsername(username) || !isNamespacePath(path)) throw new RefusalError('invalid_parameter', 'x');
          return goTo(`${links.root}/n/${username}/${path}/-/webhooks`);
        }
        return show({ title: 'Namespaces', body: html`<h1>Namespaces</h1>` });
      },
    }),
  ];
}
