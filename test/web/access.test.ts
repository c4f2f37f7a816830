import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { mintToken, SCOPES, type Scope } from '../../functions/domain/token.ts';
import type { OpenApiDocument } from '../../functions/web/openapi/objects.ts';
import { type Api, headersOf, openApi, read } from './api.ts';
import { attemptOf } from './attempts.ts';

const CHILD = '/n/admin/demo/child/-';
/** Every route, beneath its namespace, with ids of a webhook, a delivery and a recovery that are there. */
const ROUTES = [
  { method: 'GET', path: '/webhooks', scope: 'webhook:read', status: 200 },
  { method: 'POST', path: '/webhooks', scope: 'webhook:write', status: 201 },
  { method: 'GET', path: '/webhooks/:id', scope: 'webhook:read', status: 200 },
  { method: 'PATCH', path: '/webhooks/:id', scope: 'webhook:write', status: 200 },
  { method: 'PUT', path: '/webhooks/:id/pause', scope: 'webhook:write', status: 200 },
  { method: 'DELETE', path: '/webhooks/:id/pause', scope: 'webhook:write', status: 200 },
  { method: 'GET', path: '/webhooks/:id/deliveries', scope: 'webhook:read', status: 200 },
  { method: 'GET', path: '/webhooks/:id/deliveries/:delivery', scope: 'webhook:read', status: 200 },
  { method: 'POST', path: '/webhooks/:id/deliveries/:delivery/attempts', scope: 'webhook:write', status: 202 },
  { method: 'DELETE', path: '/webhooks/:id/deliveries/:delivery/retries', scope: 'webhook:write', status: 409 },
  { method: 'POST', path: '/webhooks/:id/pings', scope: 'webhook:write', status: 202 },
  { method: 'POST', path: '/webhooks/:id/recoveries', scope: 'webhook:write', status: 202 },
  { method: 'GET', path: '/webhooks/:id/recoveries', scope: 'webhook:read', status: 200 },
  { method: 'GET', path: '/webhooks/:id/recoveries/:recovery', scope: 'webhook:read', status: 200 },
  { method: 'DELETE', path: '/webhooks/:id/recoveries/:recovery', scope: 'webhook:write', status: 409 },
  { method: 'GET', path: '/events', scope: 'webhook:read', status: 200 },
  { method: 'GET', path: '/events/:event', scope: 'webhook:read', status: 200 },
] as const;
type Route = (typeof ROUTES)[number];
const SHOW_DELIVERY = ROUTES[7];

const ON_WEBHOOK = ROUTES.filter(({ path }) => path.includes(':id'));
const CREATED_AT = '2026-11-23T11:59:59.000Z';
const EVENT_ID = '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11';
const EVENT = `${CREATED_AT}~${EVENT_ID}`;
const DELIVERY = '019b0000-0000-7000-8000-000000000001';

let api: Api;
let ids: Readonly<Record<'child' | 'elsewhere', number>>;
let tokens: Readonly<Record<'owner' | 'collaborator' | 'ofChildOnly' | 'stranger', string>>;
let recoveryId: string;
let urls = 0;

beforeAll(async () => {
  api = await openApi();
  const child = await ensureNamespace(api.accounts, { username: 'admin', path: 'demo/child' });
  const other = await ensureNamespace(api.accounts, { username: 'admin', path: 'other' });
  const webhooks = [
    await api.addWebhook({ payload_url: 'https://a.example/child' }, child),
    await api.addWebhook({ payload_url: 'https://a.example/other' }, other),
  ];
  for (const { id: webhookId, namespaceId } of webhooks) {
    await api.attempts.record([{ attempt: attemptOf({ deliveryId: DELIVERY, webhookId, namespaceId }) }]);
  }
  const event = { id: EVENT_ID, type: 'cron', namespaceId: child.id, createdAt: CREATED_AT, payload: '{}' } as const;
  await api.events.open([{ event, verdicts: {}, receivedAt: CREATED_AT, openedBy: 'test' }]);
  const at = `${CHILD}/webhooks/${webhooks[0]?.id}/recoveries`;
  recoveryId = String((await read(api.call(at, { method: 'POST', body: { since: CREATED_AT } }), 202))['id']);
  ids = { child: webhooks[0]?.id ?? 0, elsewhere: webhooks[1]?.id ?? 0 };
  tokens = {
    owner: await api.tokenOf('admin'),
    collaborator: await api.tokenOf('collaborator'),
    ofChildOnly: await api.tokenOf('child-only'),
    stranger: await api.tokenOf('stranger'),
  };
  await collaborate(child.rootId, 'collaborator');
  // Collaborators belong to roots: this item means nothing.
  await collaborate(child.id, 'child-only');
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

async function collaborate(namespaceId: number, username: string): Promise<void> {
  const Item = { pk: `NAMESPACE#${namespaceId}`, sk: `COLLABORATOR#${username}` };
  await api.table.db.send(new PutCommand({ TableName: api.table.name, Item }));
}

type Difference = {
  readonly at?: string;
  readonly id?: number | string;
  readonly delivery?: string;
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

function bodyOf({ method, path }: Route) {
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (method === 'PATCH') return { active: true };
  if (path.endsWith('/pause')) return { until: new Date(api.clock.nowMs + 60_000).toISOString() };
  if (path.endsWith('/pings')) return { event: 'cron' };
  return path.endsWith('/recoveries') ? { since: CREATED_AT } : { payload_url: `https://a.example/${urls}` };
}

/** Calls a route as the owner would, but for what is said to be different. */
function call(route: Route, { at = CHILD, id = ids.child, delivery = DELIVERY, ...rest }: Difference = {}) {
  urls += 1;
  const path = route.path
    .replace(':id', id.toString())
    .replace(':delivery', delivery)
    .replace(':recovery', recoveryId)
    .replace(':event', EVENT);
  const body = bodyOf(route);
  const content = body === undefined ? {} : { body };
  return api.call(`${at}${path}`, { method: route.method, token: tokens.owner, ...content, ...rest });
}

/** Whoever may not learns nothing: the same status, headers and body as of a path that does not exist at all. */
async function expectNotFound(answer: Promise<Response>): Promise<void> {
  const [response, nothing] = [await answer, await api.call('/no/such/path', { token: null })];
  expect(await response.text()).toBe('{"message":"Not found"}');
  expect([response.status, ...headersOf(response)]).toEqual([404, ...headersOf(nothing)]);
  expect(nothing.status).toBe(404);
}

it('are all that there are', async () => {
  const { paths } = await read<OpenApiDocument>(api.call('/openapi.json'));
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => {
      const [scope = ''] = security[0]?.['token'] ?? [];
      return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')} ${scope}`;
    }),
  );
  const here = ROUTES.map(({ method, path, scope }) => `${method} /n/:username/:path/-${path} ${scope}`);
  const elsewhere = [
    'DELETE /n/:username/:path/-/webhooks/:id webhook:delete',
    'GET /n/:username/:path namespace:read',
    'POST /events event:write',
    'GET /events ',
    'GET /user ',
  ];
  expect(documented.toSorted()).toEqual([...here, ...elsewhere].toSorted());
});

describe.each(ROUTES)('$method $path', (route) => {
  it.each(['owner', 'collaborator'] as const)('is open to the %s', async (who) => {
    expect((await call(route, { token: tokens[who] })).status).toBe(route.status);
  });

  it('needs no more than its scope', async () => {
    expect((await call(route, { token: await api.tokenOf('admin', [route.scope]) })).status).toBe(route.status);
  });

  it('is closed to every token without its scope', async () => {
    const others: readonly Scope[] = SCOPES.filter((scope) => scope !== route.scope);
    await expectNotFound(call(route, { token: await api.tokenOf('admin', others) }));
    await expectNotFound(call(route, { token: await api.tokenOf('admin', []) }));
  });

  it.each([
    ['no token', () => ({ token: null })],
    ['an ill-formed token', () => ({ token: 'djinn_abc' })],
    [
      'a token whose checksum is wrong',
      () => ({ token: tokens.owner.replace(/.$/, (end) => (end === '0' ? '1' : '0')) }),
    ],
    ['an unknown token', () => ({ token: mintToken(new Uint8Array(32)) })],
    ['another scheme', () => ({ token: null, headers: { authorization: `Basic ${tokens.owner}` } })],
    ['a token with no scheme', () => ({ token: null, headers: { authorization: tokens.owner } })],
    ['a stranger', () => ({ token: tokens.stranger })],
    ['a collaborator of the child, which is no root', () => ({ token: tokens.ofChildOnly })],
    ['a namespace that does not exist', () => ({ at: '/n/admin/demo/missing/-' })],
    ['an owner who does not exist', () => ({ at: '/n/nobody/demo/child/-' })],
    ['a user whose namespace it is not', () => ({ at: '/n/stranger/demo/child/-' })],
    ['other letters of the same path', () => ({ at: '/n/admin/Demo/child/-' })],
    ['a path that ends in a slash', () => ({ at: '/n/admin/demo/child//-' })],
    ['a path of 21 names', () => ({ at: `/n/admin${'/deep'.repeat(21)}/-` })],
    ['a path longer than a key of the table', () => ({ at: `/n/admin/${'x'.repeat(5_000)}/-` })],
    ['an owner longer than a key of the table', () => ({ at: `/n/${'x'.repeat(5_000)}/demo/-` })],
    ['a path that cannot be decoded', () => ({ at: '/n/admin/%E0%A4%A/-' })],
    ['a path with a NUL', () => ({ at: '/n/admin/demo%00/-' })],
  ] as const)('is not found by %s', async (_, difference) => {
    await expectNotFound(call(route, difference()));
  });

  it('says nothing of the request to whoever may not', async () => {
    const at = '/n/admin/demo/missing/-';
    if (route.method === 'POST') {
      await expectNotFound(call(route, { token: tokens.stranger, body: 'no JSON' }));
      await expectNotFound(call(route, { at, body: { color: 'red' } }));
      await expectNotFound(call(route, { at, headers: { 'content-type': 'text/plain' } }));
    } else {
      await expectNotFound(api.call(`${CHILD}/webhooks?per_page=abc&cursor=abc`, { token: tokens.stranger }));
    }
  });
});

describe.each(ON_WEBHOOK)('$method $path', (route) => {
  it.each([
    ['a webhook that does not exist', () => ({ id: 4711 })],
    ['a webhook of another namespace', () => ({ id: ids.elsewhere })],
    ['an id of another form', () => ({ id: 'abc' })],
  ] as const)('does not find %s', async (_, difference) => {
    await expectNotFound(call(route, difference()));
  });
});

describe('a delivery', () => {
  it.each(['019b0000-0000-7000-8000-000000000002', 'abc', DELIVERY.toUpperCase(), `${DELIVERY}%23`, '%00'])(
    'is not found by the id %s',
    async (delivery) => {
      await expectNotFound(call(SHOW_DELIVERY, { delivery }));
    },
  );
});

describe('the path of a namespace', () => {
  it.each([1, 2, 20])('may be %i deep', async (depth) => {
    const path = Array.from({ length: depth }, (_, level) => `level.${level}`).join('/');
    const namespace = await ensureNamespace(api.accounts, { username: 'admin', path });
    const created = await call(ROUTES[1], { at: `/n/admin/${path}/-` });
    expect(await created.json()).toMatchObject({
      namespace_id: namespace.id,
      namespace: { path, root_id: namespace.rootId, parent_id: namespace.parentId ?? null, name: `level.${depth - 1}` },
    });
    expect((await call(ROUTES[0], { at: `/n/admin/${path}/-` })).status).toBe(200);
  });
});

describe('a method that no route has', () => {
  it.each(['PUT', 'OPTIONS', 'POST'])('%s is answered with those that there are, whoever asks', async (method) => {
    for (const token of [tokens.owner, tokens.stranger, null]) {
      for (const id of [ids.child, 4711]) {
        const answer = await api.call(`${CHILD}/webhooks/${id}`, { method, token });
        expect(answer.status).toBe(405);
        expect(answer.headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE');
        expect(await answer.json()).toEqual({ message: expect.stringContaining(`There is no ${method} here`) });
      }
    }
  });

  it('finds no path that has no route, by any method', async () => {
    for (const method of ['GET', 'PUT']) await expectNotFound(api.call(`${CHILD}/builds`, { method }));
  });
});
