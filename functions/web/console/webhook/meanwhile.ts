import { createHash } from 'node:crypto';
import { html } from 'hono/html';
import type { Webhook } from '../../../domain/webhook.ts';
import { icon } from '../parts/icon.ts';
import { type Typed, typedOf } from './typed.ts';

/** A setting: what it says, in words that tell one value from another, and how to take it from others' settings. */
type Setting = {
  readonly name: string;
  readonly words: (of: Typed) => string;
  readonly take: (from: Typed) => Partial<Typed>;
};

const word = (is: boolean) => (is ? 'yes' : 'no');
const SETTINGS: readonly Setting[] = [
  { name: 'Payload URL', words: ({ payloadUrl }) => payloadUrl, take: ({ payloadUrl }) => ({ payloadUrl }) },
  {
    name: 'Verify TLS certificates',
    words: ({ verifiesCertificate }) => word(verifiesCertificate),
    take: ({ verifiesCertificate }) => ({ verifiesCertificate }),
  },
  { name: 'Active', words: ({ active }) => word(active), take: ({ active }) => ({ active }) },
  {
    name: 'Events',
    words: ({ isForAll, events }) => (isForAll ? 'all events' : events.toSorted().join(', ') || 'none'),
    take: ({ isForAll, events }) => ({ isForAll, events }),
  },
];

/** Something that was changed both here and by somebody else, to another value. */
type Conflict = { readonly name: string; readonly is: string; readonly here: string };

/** Names the settings of a webhook, one by one: whoever saves says by it which they have seen. The secret counts by its ciphertext. */
export function seenOf(webhook: Webhook): string {
  const now = typedOf(webhook);
  return [...SETTINGS.map(({ words }) => words(now)), webhook.sealedSecret ?? ''].map(digest).join('.');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

/**
 * What is meant by what was typed into a page that has `seen` settings which may be others by now: what was not changed here is as it is
 * by now, so that nobody's change is undone by a form that only had the old value in it.
 */
export function meantBy(
  typed: Typed,
  {
    webhook,
    seen,
    allowInsecureTls,
  }: { readonly webhook: Webhook; readonly seen: string; readonly allowInsecureTls: boolean },
): { readonly typed: Typed; readonly conflicts: readonly Conflict[] } {
  const now = typedOf(webhook);
  // A box that is disabled is not sent.
  let meant: Typed = allowInsecureTls ? typed : { ...typed, verifiesCertificate: now.verifiesCertificate };
  const [saw, is] = [seen.split('.'), seenOf(webhook).split('.')];
  const conflicts: Conflict[] = [];
  for (const [nth, { name, words, take }] of SETTINGS.entries()) {
    const here = words(meant);
    if (is[nth] === saw[nth] || here === words(now)) continue;
    if (digest(here) === saw[nth]) meant = { ...meant, ...take(now) };
    else conflicts.push({ name, is: words(now), here });
  }
  const [isSecret, sawSecret] = [is, saw].map((of) => of[SETTINGS.length]);
  if (isSecret !== sawSecret && (typed.secretChoice !== 'keep' || typed.secret !== '')) {
    conflicts.push({ name: 'Secret', is: webhook.sealedSecret ? 'another one' : 'removed', here: 'changed, too' });
  }
  return { typed: meant, conflicts };
}

/** What saving again would write over. */
export function conflictNotice(conflicts: readonly Conflict[]) {
  return html`<div class="notice wait" role="alert">${icon('warning')}<div>
<strong>Somebody has changed this webhook since you opened it.</strong> What you typed is kept below, and not saved yet. Save again to have it so.
<ul class="plain">${conflicts.map(({ name, is, here }) => html`<li>${name}: now <b>${is}</b>, here <b>${here}</b></li>`)}</ul></div></div>`;
}
