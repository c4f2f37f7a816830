import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../functions/domain/catalogue.ts';
import { destinationPolicy } from '../../../functions/domain/destination.ts';
import { SECRET_OVERLAP_DEFAULT_SECONDS, SECRET_OVERLAP_MAX_SECONDS } from '../../../functions/domain/limits.ts';
import type { Webhook } from '../../../functions/domain/webhook.ts';
import { parseWebhookChange, parseWebhookDraft } from '../../../functions/domain/webhook-input.ts';
import { webhookForm } from '../../../functions/web/console/webhook/form.ts';
import {
  changeOf,
  draftOf,
  errorsOf,
  NOTHING_TYPED,
  OVERLAPS,
  readTyped,
  type Typed,
  typedOf,
} from '../../../functions/web/console/webhook/typed.ts';
import { type Form, formOf } from '../../../functions/web/form.ts';

const policy = destinationPolicy();
const WEBHOOK: Webhook = {
  id: 1,
  namespaceId: 1,
  authorId: 1,
  payloadUrl: 'https://a.example/hook',
  ssl: true,
  active: true,
  events: ['images', 'cron'],
  sealedSecret: 'sealed',
  createdAt: '2026-11-23T12:00:00.000Z',
};

const hosts = fc.constantFrom('https://a.example', 'HTTPS://A.Example', 'http://a.example', 'Http://a.example');
const paths = fc.constantFrom('/', '/hook?a=1&b=2', `/'"%3Cb%3E&amp;&quot;`, '/☃', '#fragment');
const events = fc.subarray([...EVENT_TYPES]);
/** Webhooks as there may be, those of a time at which the operator allowed that certificates are not verified among them. */
const webhooks: fc.Arbitrary<Webhook> = fc
  .record({ host: hosts, path: paths, ssl: fc.boolean(), active: fc.boolean(), events, isSigned: fc.boolean() })
  .map(({ host, path, ssl, isSigned, ...rest }) => ({
    ...WEBHOOK,
    ...rest,
    payloadUrl: `${host}${path}`,
    ssl: ssl && host.toLowerCase().startsWith('https:'),
    sealedSecret: isSigned ? 'sealed' : undefined,
  }));
const operators = fc.record({ allowInsecureTls: fc.boolean() });

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" };

/** What a browser sends of a form that nobody has touched. */
async function untouched(form: Parameters<typeof webhookForm>[0]): Promise<Form> {
  const page = String(await webhookForm(form));
  const sent = new URLSearchParams();
  for (const [, tag = '', inner = ''] of page.matchAll(
    /<((?:input|select)\b[^>]*)>((?:<option[^>]*>[^<]*<\/option>)*)/g,
  )) {
    const chosen = / value="([^"]*)"/.exec(/<option[^>]* selected/.exec(inner)?.[0] ?? tag)?.[1] ?? '';
    const isLeftOut = / disabled/.test(tag) || (/ type="(checkbox|radio)"/.test(tag) && !/ checked/.test(tag));
    if (!isLeftOut)
      sent.append(
        / name="([^"]*)"/.exec(tag)?.[1] ?? '',
        chosen.replaceAll(/&([^;]+);/g, (_, name) => ENTITIES[name] ?? '?'),
      );
  }
  return formOf(sent);
}

describe('the settings of a webhook that nobody has touched', () => {
  it('change nothing, whatever the webhook is and the operator allows', async () => {
    await fc.assert(
      fc.asyncProperty(webhooks, operators, async (webhook, operator) => {
        const typed = typedOf(webhook);
        expect(changeOf(typed, { webhook, ...operator })).toEqual({});
        const form = await untouched({ action: '/', cancel: '/', typed, errors: {}, webhook, seen: 'x', ...operator });
        expect(readTyped(form)).toMatchObject({ payloadUrl: webhook.payloadUrl, active: webhook.active, secret: '' });
        expect(errorsOf(readTyped(form), webhook)).toEqual({});
        expect(changeOf(readTyped(form), { webhook, ...operator })).toEqual({});
      }),
    );
  });
});

describe('the settings of a webhook', () => {
  it('name what was changed and nothing else, and come to what was typed', () => {
    fc.assert(
      fc.property(webhooks, webhooks, operators, (webhook, wanted, operator) => {
        const typed = { ...typedOf(wanted), isForAll: wanted.events.length === 0 };
        const change = changeOf(typed, { webhook, ...operator });
        const after = { ...webhook, ...parseWebhookChange(change, webhook, policy) };
        expect([after.payloadUrl, after.active, new Set(after.events)]).toEqual([
          wanted.payloadUrl,
          wanted.active,
          new Set(wanted.events),
        ]);
        // To name `active` starts a webhook over, and so does another URL.
        expect('active' in change).toBe(wanted.active !== webhook.active);
        expect('payload_url' in change).toBe(wanted.payloadUrl !== webhook.payloadUrl);
        expect('events' in change).toBe([...wanted.events].sort().join() !== [...webhook.events].sort().join());
        const isHttps = ({ payloadUrl }: Webhook) => /^https:/i.test(payloadUrl);
        expect('ssl' in change).toBe(after.ssl !== webhook.ssl || isHttps(after) !== isHttps(webhook));
      }),
    );
  });

  it('turn verification off only where the operator allows it, and on with a URL that is new', () => {
    const typed = { ...typedOf(WEBHOOK), verifiesCertificate: false };
    const lax = { ...WEBHOOK, ssl: false };
    expect(changeOf(typed, { webhook: WEBHOOK, allowInsecureTls: true })).toEqual({ ssl: false });
    expect(changeOf(typed, { webhook: WEBHOOK, allowInsecureTls: false })).toEqual({});
    expect(changeOf(typed, { webhook: lax, allowInsecureTls: false })).toEqual({});
    const moved = { ...typed, payloadUrl: 'https://b.example/' };
    expect(changeOf(moved, { webhook: lax, allowInsecureTls: false })).toEqual({
      payload_url: moved.payloadUrl,
      ssl: true,
    });
    // The API would have it verify: of this URL it was never asked.
    const http = { ...lax, payloadUrl: 'http://a.example/' };
    const change = changeOf(typed, { webhook: http, allowInsecureTls: true });
    expect(parseWebhookChange(change, http, policy)).toMatchObject({ payloadUrl: WEBHOOK.payloadUrl, ssl: false });
  });

  it('tell other events from the same ones, in whichever order and however often they are named', () => {
    const of = (...names: readonly string[]) =>
      changeOf({ ...typedOf(WEBHOOK), isForAll: false, events: names }, { webhook: WEBHOOK, allowInsecureTls: false });
    expect(of('cron', 'images')).toEqual({});
    expect(of('cron', 'cron')).toEqual({ events: ['cron', 'cron'] });
  });
});

describe('the secret', () => {
  const change = (differences: Partial<Typed>, webhook = WEBHOOK) =>
    changeOf({ ...typedOf(webhook), ...differences }, { webhook, allowInsecureTls: false });

  it('becomes what was chosen', () => {
    expect(change({ secretChoice: 'replace', secret: 's', overlapSeconds: '0' })).toEqual({
      secret: 's',
      secret_overlap_seconds: 0,
    });
    expect(change({ secretChoice: 'remove', secret: 's' })).toEqual({ remove_secret: true });
    expect(change({ secret: 's' }, { ...WEBHOOK, sealedSecret: undefined })).toEqual({ secret: 's' });
  });

  it('that was typed beside the choice to keep the other replaces nothing, and is not dropped unsaid', () => {
    const typed = { ...typedOf(WEBHOOK), secret: 'filled in by the browser' };
    expect(changeOf(typed, { webhook: WEBHOOK, allowInsecureTls: false })).toEqual({});
    expect(errorsOf(typed, WEBHOOK)).toEqual({ secret: [expect.stringMatching(/^Choose /)] });
  });

  it('may overlap for what the API allows, a day where nothing is chosen', () => {
    expect(OVERLAPS.every(([seconds]) => Number(seconds) <= SECRET_OVERLAP_MAX_SECONDS)).toBe(true);
    expect(Number(NOTHING_TYPED.overlapSeconds)).toBe(SECRET_OVERLAP_DEFAULT_SECONDS);
  });
});

describe('a new webhook', () => {
  it('is what was typed, and by itself active, for all events, and verified', () => {
    const payloadUrl = 'https://a.example/';
    const draft = draftOf({ ...NOTHING_TYPED, payloadUrl }, { allowInsecureTls: true });
    expect(parseWebhookDraft(draft, policy)).toEqual({ payloadUrl, ssl: true, active: true, events: [] });
    const lax = { ...NOTHING_TYPED, payloadUrl, verifiesCertificate: false };
    expect(parseWebhookDraft(draftOf(lax, { allowInsecureTls: true }), policy).ssl).toBe(false);
    expect(parseWebhookDraft(draftOf(lax, { allowInsecureTls: false }), policy).ssl).toBe(true);
  });

  it('for some events and none of them is a mistake, not one for all', () => {
    expect(errorsOf({ ...NOTHING_TYPED, isForAll: false })).toEqual({
      events: ['Choose at least one event, or all of them'],
    });
  });
});
