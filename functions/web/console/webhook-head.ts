import { html } from 'hono/html';
import type { WebhookView } from '../../actions/webhooks.ts';
import type { NamespaceVisit } from './pages.ts';
import { stateBadge } from './parts/state.ts';

/** The head of a webhook's pages. */
export function webhookHead({ links, namespace }: NamespaceVisit, view: WebhookView, here: 'deliveries' | 'overview') {
  const { webhook } = view;
  const tab = (name: string, text: string, href: string) =>
    html`<li><a href="${href}"${name === here ? html` aria-current="page"` : ''}>${text}</a></li>`;
  return html`<div class="head" id="head" data-live><h1>${webhook.payloadUrl}</h1>${stateBadge(view)}</div>
<nav class="tabs" aria-label="Webhook"><ul>${tab('deliveries', 'Deliveries', links.deliveries(namespace, webhook.id))}
${tab('overview', 'Overview', links.webhook(namespace, webhook.id))}</ul></nav>`;
}
