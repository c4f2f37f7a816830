import { html } from 'hono/html';
import type { WebhookView } from '../../../actions/webhooks.ts';
import { isPaused } from '../../../domain/hold.ts';
import type { Html } from '../frame.ts';
import type { NamespaceVisit } from '../pages.ts';

/** Why nothing can be sent to a webhook at this moment, and the button that changes that; undefined where something can. */
export function notNow({ links, namespace }: NamespaceVisit, { webhook, atMs }: WebhookView): Html | undefined {
  const url = links.webhook(namespace, webhook.id);
  const say = (text: string, name: string, button: string) =>
    html`<p>${text}</p><form method="post" action="${url}/${name}"><button class="button primary">${button}</button></form>`;
  if (!webhook.active) return say('The webhook is inactive: nothing is sent to it.', 'activate', 'Activate');
  return isPaused(webhook, atMs)
    ? say('The webhook is paused: not even a test is sent to it.', 'resume', 'Resume')
    : undefined;
}
