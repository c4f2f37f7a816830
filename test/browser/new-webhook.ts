import { type Console, type Look, WEBHOOKS } from './console.ts';

let nth = 0;

/** A new webhook of a console's, and a page of it; markup that is run there is trouble. */
export async function openNewWebhook(
  console: Console,
  path: string,
  { look = {}, body = {} }: { readonly look?: Partial<Look>; readonly body?: object } = {},
) {
  const webhook = await console.addWebhook({ payload_url: `https://a.example/${++nth}`, ...body });
  const page = await console.signIn(look);
  page.on('dialog', () => console.troubles.push('Markup was run'));
  await page.goto(`${WEBHOOKS}/${webhook.id}${path}`);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  return { page, button, id: webhook.id, stored: () => console.webhooks.get(console.namespace.id, webhook.id) };
}
