import { html } from 'hono/html';
import { readForm } from '../form.ts';
import type { Links } from './links.ts';
import { openPage, type PageDeps, type PageRoute } from './pages.ts';

/** Signing in, with a token, and out. */
export function signInRoutes(deps: PageDeps): readonly PageRoute[] {
  return [
    openPage(deps, {
      method: 'GET',
      path: '/sign-in',
      handle: ({ context, links, show }) => show(signInPage({ links, to: context.req.query('to') })),
    }),
    openPage(deps, {
      method: 'POST',
      path: '/sign-in',
      async handle({ context, links, show, goTo }) {
        const form = await readForm(context.req.raw);
        const to = form.text('to');
        const token = form.text('token').trim();
        if (token !== '' && (await deps.browsers.signIn(context, token))) return goTo(ownPath(to, links));
        const error =
          token === ''
            ? 'Paste a token'
            : 'This is no token of ours, or not any more: look whether all of it was copied, and whether it has expired';
        return show(signInPage({ links, to, error }), 400);
      },
    }),
    openPage(deps, {
      method: 'POST',
      path: '/sign-out',
      async handle({ context, links, goTo }) {
        await deps.browsers.signOut(context);
        return goTo(links.signIn, { kind: 'done', text: 'You are signed out.' });
      },
    }),
  ];
}

type SignIn = { readonly links: Links; readonly to?: string | undefined; readonly error?: string };

function signInPage({ links, to, error }: SignIn) {
  const hint = 'token-hint';
  return {
    title: 'Sign in',
    body: html`<section class="sign-in panel">
<h1>Sign in</h1>
<p>With a token of Djinn CI's webhooks. What you may see and do here is what the token allows.</p>
<form method="post" action="${links.signIn}">
<input type="hidden" name="to" value="${to ?? ''}">
<div class="field"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" spellcheck="false" required autofocus
 aria-describedby="${error ? 'token-error ' : ''}${hint}"${error ? html` aria-invalid="true"` : ''}>
${error ? html`<p class="error" id="token-error">${error}.</p>` : ''}
<p class="hint" id="${hint}">It begins with <code>djinn_</code>. An operator makes one:
<code>npm run ctl -- token create</code></p></div>
<button class="button primary">Sign in</button>
</form></section>`,
  };
}

/** Only to pages of ours: whoever writes a link to here must not be able to send its reader elsewhere. */
function ownPath(to: string, { root, signIn }: Links): string {
  const here = 'https://console.invalid';
  const url = URL.parse(to, here);
  if (url === null || url.origin !== here) return root;
  const isOurs = url.pathname === root || (url.pathname.startsWith(`${root}/`) && url.pathname !== signIn);
  return isOurs ? `${url.pathname}${url.search}` : root;
}
