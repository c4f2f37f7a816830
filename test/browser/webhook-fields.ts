import type { Page } from 'playwright-core';
import type { Webhook } from '../../functions/domain/webhook.ts';
import type { Console } from './console.ts';

let nth = 0;

/** A payload URL that no webhook has yet. */
export const newUrl = () => `https://deploy.acme.example/hooks/${++nth}`;

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** The webhook with a payload URL, as the table has it by now. */
export async function stored({ webhooks, namespace }: Console, payloadUrl: string): Promise<Webhook | undefined> {
  return (await webhooks.all(namespace.id)).find((one) => one.payloadUrl === payloadUrl);
}
