import { html } from 'hono/html';
import { deleteWebhook, showWebhook, type WebhookDeps } from '../../../actions/webhooks.ts';
import { idParameter } from '../../parameters.ts';
import { namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { crumbsWithin } from '../parts/crumbs.ts';

type Deps = PageDeps & WebhookDeps;

const PATH = '/-/webhooks/:id/delete';

/** The page that asks whether a webhook is to be deleted, and what does it. */
export function deleteRoutes(deps: Deps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: PATH,
      access: 'webhook:delete',
      async handle({ context, links, namespace, show }) {
        const { webhook } = await showWebhook(deps, namespace, idParameter(context, 'id'));
        const url = links.webhook(namespace, webhook.id);
        return show({
          title: 'Delete a webhook',
          crumbs: crumbsWithin(namespace, links, [
            { text: 'Webhooks', href: links.webhooks(namespace) },
            { text: webhook.payloadUrl, href: url },
            { text: 'Delete' },
          ]),
          body: html`<section class="panel form"><h1>Delete the webhook?</h1>
<p class="mono">${webhook.payloadUrl}</p>
<p>Nothing more is sent to it: deliveries that wait for their next attempt are cancelled. Its log can no longer be seen. This cannot be undone.</p>
<form method="post" action="${url}/delete" class="buttons"><button class="button danger">Delete it</button>
<a class="button" href="${url}/settings">Keep it</a></form></section>`,
        });
      },
    }),
    namespacePage(deps, {
      method: 'POST',
      path: PATH,
      access: 'webhook:delete',
      async handle(visit) {
        const { links, namespace, goTo } = visit;
        const id = idParameter(visit.context, 'id');
        const { webhook } = await showWebhook(deps, namespace, id);
        await deleteWebhook(deps, { namespace, id });
        return goTo(links.webhooks(namespace), {
          kind: 'done',
          text: `The webhook of ${new URL(webhook.payloadUrl).host} is deleted.`,
        });
      },
    }),
  ];
}
