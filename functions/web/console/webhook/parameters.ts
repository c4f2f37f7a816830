import { notFound } from '../../../actions/directory.ts';
import type { Visit } from '../pages.ts';

/** The webhook that a page's path names: a whole number from 1. What is none names nothing. */
export function webhookId({ context }: Pick<Visit, 'context'>): number {
  const text = context.req.param('id') ?? '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw notFound();
  return id;
}
