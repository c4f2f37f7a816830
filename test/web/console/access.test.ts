import { afterAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../../functions/domain/token.ts';
import { openPages } from './pages.ts';

const pages = await openPages();
const webhook = await pages.addWebhook({ payload_url: 'https://a.example/hook' });
const WEBHOOKS = '/console/n/admin/demo/-/webhooks';
const WEBHOOK = `${WEBHOOKS}/${webhook.id}`;
const RECOVERY = '0197e3a0-0000-7000-8000-000000000001';
const readers = await pages.signIn(await pages.tokenOf('admin', ['webhook:read']));
const owner = await pages.signIn();

afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

const WRITING: readonly (readonly ['GET' | 'POST', string, Scope])[] = [
  ['GET', `${WEBHOOKS}/new`, 'webhook:write'],
  ['POST', `${WEBHOOKS}/new`, 'webhook:write'],
  ['GET', `${WEBHOOK}/settings`, 'webhook:write'],
  ['POST', `${WEBHOOK}/settings`, 'webhook:write'],
  ['GET', `${WEBHOOK}/pause`, 'webhook:write'],
  ['POST', `${WEBHOOK}/pause`, 'webhook:write'],
  ['POST', `${WEBHOOK}/resume`, 'webhook:write'],
  ['POST', `${WEBHOOK}/activate`, 'webhook:write'],
  ['POST', `${WEBHOOK}/deactivate`, 'webhook:write'],
  ['GET', `${WEBHOOK}/test`, 'webhook:write'],
  ['POST', `${WEBHOOK}/test`, 'webhook:write'],
  ['POST', `${WEBHOOK}/recoveries`, 'webhook:write'],
  ['POST', `${WEBHOOK}/recoveries/${RECOVERY}/cancel`, 'webhook:write'],
  ['GET', `${WEBHOOK}/delete`, 'webhook:delete'],
  ['POST', `${WEBHOOK}/delete`, 'webhook:delete'],
];
const POSTS = WRITING.filter(([method]) => method === 'POST');

const send = (method: 'GET' | 'POST', path: string, visit: Parameters<typeof pages.get>[1]) =>
  method === 'GET' ? pages.get(path, visit) : pages.post(path, {}, visit);

describe('a token without the scope', () => {
  it.each(WRITING)('is refused %s %s, and told which it lacks', async (method, path, scope) => {
    const answer = await send(method, path, { cookie: readers });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(scope);
  });

  it('is offered nothing that it may not do', async () => {
    for (const path of [WEBHOOKS, WEBHOOK, `${WEBHOOK}/recoveries`]) {
      const answer = await pages.get(path, { cookie: readers });
      const text = await answer.text();
      const forms = [...text.matchAll(/<form method="post" action="([^"]*)"/g)].map(([, action]) => action);
      expect([answer.status, forms], path).toEqual([200, ['/console/sign-out']]);
      expect(text, path).not.toMatch(/href="[^"]*\/(new|settings|pause|test|delete)"/);
    }
  });
});

describe('a form of another site', () => {
  it.each(POSTS)('is refused: %s %s', async (_, path) => {
    const answer = await pages.post(path, {}, { cookie: owner, headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
    expect(await pages.webhooks.get(pages.namespace.id, webhook.id)).toEqual(webhook);
  });
});

describe('whoever is not signed in', () => {
  it.each(WRITING)('signs in first, and is back then: %s %s', async (method, path) => {
    const answer = await send(method, path, { headers: { referer: `https://ci.example${WEBHOOK}` } });
    expect(answer.status).toBe(303);
    const to = new URL(answer.headers.get('location') ?? '', 'https://ci.example');
    expect([to.pathname, to.searchParams.get('to')]).toEqual(['/console/sign-in', method === 'GET' ? path : WEBHOOK]);
  });

  it.each([
    ['https://evil.example/console', '/console'],
    ['//evil.example/console/n', '/console'],
    ['/\\evil.example', '/console'],
    ['javascript:alert(1)', '/console'],
    ['/n/admin/demo', '/console'],
    ['/console/../api', '/console'],
    ['/console/sign-in', '/console'],
    [WEBHOOK, WEBHOOK],
    [`${WEBHOOK}/deliveries?status=dead`, `${WEBHOOK}/deliveries?status=dead`],
  ])('is led to %s by no link to the sign-in but to a page of ours', async (to, expected) => {
    const answer = await pages.post('/console/sign-in', { token: await pages.tokenOf('admin'), to });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, expected]);
  });
});

describe('a webhook of another namespace, or none', () => {
  it.each([
    ['GET', '/pause'],
    ['POST', '/pause'],
    ['GET', '/test'],
    ['POST', '/test'],
    ['GET', '/recoveries'],
    ['POST', '/recoveries'],
    ['POST', `/recoveries/${RECOVERY}/cancel`],
    ['POST', '/activate'],
    ['POST', '/resume'],
  ] as const)('is not there: %s %s', async (method, path) => {
    for (const id of ['999', '0', 'x', '9'.repeat(30)]) {
      expect((await send(method, `${WEBHOOKS}/${id}${path}`, { cookie: owner })).status, id).toBe(404);
    }
  });

  it('nor is a recovery that is none of it', async () => {
    for (const id of [RECOVERY, 'nonsense']) {
      const answer = await pages.post(`${WEBHOOK}/recoveries/${id}/cancel`, {}, { cookie: owner });
      expect(answer.status).toBe(404);
    }
  });
});

describe('a form that was not sent from its page', () => {
  it.each([
    ['/pause', { span: 'longest-of-all', until: 'x' }],
    ['/test', { event: '<script>' }],
    ['/test', {}],
    ['/recoveries', { from: 'day', status: '<script>' }],
    ['/recoveries', {}],
  ])('is refused as what it says, with its page: %s %j', async (path, fields) => {
    const answer = await pages.post(`${WEBHOOK}${path}`, fields as Record<string, string>, { cookie: owner });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain('aria-invalid="true"');
    expect(text).not.toContain('<script>');
  });

  it.each(['/pause', '/test', '/recoveries', '/settings'])(
    'is refused where it is larger than any: %s',
    async (path) => {
      const answer = await pages.post(`${WEBHOOK}${path}`, { until: 'x'.repeat(70_000) }, { cookie: owner });
      expect(answer.status).toBe(413);
    },
  );
});
