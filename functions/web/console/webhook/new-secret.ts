import { html } from 'hono/html';
import type { Webhook } from '../../../domain/webhook.ts';
import type { NamespaceVisit } from '../pages.ts';
import { crumbsWithin } from '../parts/crumbs.ts';

const SECRET_BYTES = 24;

/** A new secret, as the libraries of Standard Webhooks take it: `whsec_` and 24 random bytes in base64. */
export function generateSecret(randomBytes: (size: number) => Uint8Array): string {
  return `whsec_${Buffer.from(randomBytes(SECRET_BYTES)).toString('base64')}`;
}

/** The one page that has a secret in it, which was just made: it is in the answer to the form, and nowhere to be had again. */
export function secretPage(
  visit: NamespaceVisit,
  { secret, webhook, to }: { readonly secret: string; readonly webhook: Webhook; readonly to: string },
): Promise<Response> {
  const { links, namespace } = visit;
  return visit.show({
    title: 'The secret',
    crumbs: crumbsWithin(namespace, links, [
      { text: 'Webhooks', href: links.webhooks(namespace) },
      { text: webhook.payloadUrl, href: links.webhook(namespace, webhook.id) },
      { text: 'Secret' },
    ]),
    body: html`<section class="panel form"><h1>Copy the secret now</h1>
<p>It is not shown again. Give it to the receiver, which checks by it that a delivery comes from here.</p>
<div class="field"><label for="new-secret">Secret of ${webhook.payloadUrl}</label>
<div class="row"><input id="new-secret" class="mono" value="${secret}" readonly spellcheck="false">
<button class="button scripted" type="button" data-copy="#new-secret">Copy</button></div></div>
<p><a class="button primary" href="${to}">I have copied it</a></p></section>`,
  });
}
