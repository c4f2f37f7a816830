import type { FieldErrors } from '../../../domain/errors.ts';
import { isHttps, type Webhook } from '../../../domain/webhook.ts';
import type { Form } from '../../form.ts';

/** What somebody has typed into the form of a webhook, as it is: it is shown to them again where anything of it does not hold. */
export type Typed = {
  readonly payloadUrl: string;
  readonly secret: string;
  /** What becomes of the secret; `keep` for a new webhook is one that was typed, or none. */
  readonly secretChoice: 'keep' | 'replace' | 'generate' | 'remove';
  /** Seconds that the replaced secret goes on signing. */
  readonly overlapSeconds: string;
  readonly verifiesCertificate: boolean;
  readonly active: boolean;
  readonly isForAll: boolean;
  readonly events: readonly string[];
};

/** How long a secret that is replaced may go on signing, in words, by the seconds. */
export const OVERLAPS = [
  ['0', 'not at all'],
  ['3600', 'for 1 hour'],
  ['86400', 'for 24 hours'],
  ['604800', 'for 7 days'],
] as const;

/** What the form of a new webhook begins with. */
export const NOTHING_TYPED: Typed = {
  payloadUrl: '',
  secret: '',
  secretChoice: 'keep',
  overlapSeconds: '86400',
  verifiesCertificate: true,
  active: true,
  isForAll: true,
  events: [],
};

/** What the form of a webhook begins with: the webhook. */
export function typedOf(webhook: Webhook): Typed {
  return {
    ...NOTHING_TYPED,
    payloadUrl: webhook.payloadUrl,
    verifiesCertificate: webhook.ssl || !isHttps(webhook),
    active: webhook.active,
    isForAll: webhook.events.length === 0,
    events: webhook.events,
  };
}

/** Reads what was typed. */
export function readTyped(form: Form): Typed {
  const choice = form.text('secret_choice');
  return {
    payloadUrl: form.text('payload_url').trim(),
    secret: form.text('secret'),
    secretChoice: CHOICES.find((one) => one === choice) ?? 'keep',
    overlapSeconds: form.text('secret_overlap_seconds') || NOTHING_TYPED.overlapSeconds,
    verifiesCertificate: form.has('verify'),
    active: form.has('active'),
    isForAll: form.text('for') !== 'some',
    events: form.all('events'),
  };
}

const CHOICES = ['keep', 'replace', 'generate', 'remove'] as const;

/**
 * What the API cannot know: that somebody wants some events, and has named none; or has typed a secret, or had it filled in by their
 * browser, and yet keeps the one that `webhook` has.
 */
export function errorsOf({ isForAll, events, secretChoice, secret }: Typed, webhook?: Webhook): FieldErrors {
  return {
    ...(!isForAll && events.length === 0 ? { events: ['Choose at least one event, or all of them'] } : {}),
    ...(secretChoice === 'replace' && secret === ''
      ? { secret: ['Type the new secret, or keep the one that there is'] }
      : {}),
    ...(secretChoice === 'keep' && secret !== '' && webhook?.sealedSecret !== undefined
      ? { secret: ['Choose to replace the secret with what is typed here, or leave this empty'] }
      : {}),
  };
}

/** What is asked of the API for a new webhook. */
export function draftOf(typed: Typed, { allowInsecureTls }: { readonly allowInsecureTls: boolean }) {
  return {
    payload_url: typed.payloadUrl,
    active: typed.active,
    events: typed.isForAll ? [] : typed.events,
    ...(typed.secret === '' ? {} : { secret: typed.secret }),
    ...(allowInsecureTls && !typed.verifiesCertificate ? { ssl: false } : {}),
  };
}

/**
 * What is asked of the API for a webhook that there is: only what is different. To name `active` starts a webhook over, and a field that
 * somebody else has changed meanwhile is theirs, unless it was changed here, too. With another scheme `ssl` is always said: left out, the API
 * would have it follow the scheme.
 */
export function changeOf(
  typed: Typed,
  { webhook, allowInsecureTls }: { readonly webhook: Webhook; readonly allowInsecureTls: boolean },
): Readonly<Record<string, unknown>> {
  const ssl =
    isHttps(typed) &&
    (allowInsecureTls ? typed.verifiesCertificate : webhook.ssl || typed.payloadUrl !== webhook.payloadUrl);
  const events = typed.isForAll ? [] : typed.events;
  return {
    ...(typed.payloadUrl === webhook.payloadUrl ? {} : { payload_url: typed.payloadUrl }),
    ...(ssl === webhook.ssl && isHttps(typed) === isHttps(webhook) ? {} : { ssl }),
    ...(typed.active === webhook.active ? {} : { active: typed.active }),
    ...(isSame(events, webhook.events) ? {} : { events }),
    ...secretOf(typed, webhook),
  };
}

function secretOf({ secretChoice, secret, overlapSeconds }: Typed, { sealedSecret }: Webhook) {
  if (secretChoice === 'remove') return { remove_secret: true };
  if (secretChoice === 'keep') return secret === '' || sealedSecret !== undefined ? {} : { secret };
  return { secret, secret_overlap_seconds: Number(overlapSeconds) };
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return new Set(some).symmetricDifference(new Set(others)).size === 0;
}
