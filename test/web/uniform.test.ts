import { afterAll, beforeAll, expect, it } from 'vitest';
import { createToken, ensureNamespace } from '../../functions/actions/accounts.ts';
import { mintToken } from '../../functions/domain/token.ts';
import type { OpenApiDocument, OperationObject } from '../../functions/web/openapi/objects.ts';
import { countCalls } from '../support/calls.ts';
import { type Api, openApi, read } from './api.ts';

type Operation = OperationObject & { readonly method: string; readonly path: string };

const SOME_ID = '019b0000-0000-7000-8000-000000000001';
const EVENT = '2026-11-23T11:59:59.000Z~5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11';

let api: Api;
let calls: Map<string, number>;
let operations: readonly Operation[];
let tokens: Readonly<Record<'owner' | 'stranger', string>>;
let webhookId: number;

beforeAll(async () => {
  api = await openApi();
  await ensureNamespace(api.accounts, { username: 'admin', path: 'demo/child' });
  ({ id: webhookId } = await api.addWebhook({ payload_url: 'https://a.example/' }));
  tokens = { owner: await api.tokenOf('admin'), stranger: await api.tokenOf('stranger') };
  const { paths } = await read<OpenApiDocument>(api.call('/openapi.json'));
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  // Each token's first use of the day is noted, which is a call of its own.
  for (const token of Object.values(tokens)) await api.call('/user', { token });
  calls = countCalls(api.world);
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

/** What can be seen of an answer, and the work that was done for it, by command. */
async function seen(path: string, init: Parameters<Api['call']>[1]): Promise<readonly unknown[]> {
  calls.clear();
  const response = await api.call(path, init);
  return [response.status, await response.text(), Object.fromEntries(calls)];
}

function call({ method, path, requestBody }: Operation, at: { path: string; id?: number; token: string }) {
  const values: Readonly<Record<string, string>> = {
    username: 'admin',
    path: at.path,
    id: `${at.id ?? webhookId}`,
    delivery: SOME_ID,
    recovery: SOME_ID,
    event: EVENT,
  };
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ''));
  const example = requestBody?.content['application/json'].example;
  return seen(url, { method, token: at.token, ...(example === undefined ? {} : { body: example }) });
}

it('of a namespace that is not there and one that is not theirs, nobody can tell which: not by the answer, not by the work', async () => {
  const ofNamespaces = operations.filter(({ path }) => path.includes('{path}'));
  expect(ofNamespaces.length).toBeGreaterThanOrEqual(16);
  for (const operation of ofNamespaces) {
    const notTheirs = await call(operation, { path: 'demo', token: tokens.stranger });
    expect(notTheirs).toEqual([404, '{"message":"Not found"}', { GetItem: 3, BatchGetItem: 2 }]);
    for (const path of ['missing', 'missing/deep/down', 'demo/child', 'demo/child/missing']) {
      expect(await call(operation, { path, token: tokens.stranger }), `${operation.operationId} ${path}`).toEqual(
        notTheirs,
      );
    }
  }
});

it('costs its owner the same to ask for a webhook that is not there', async () => {
  const ofWebhooks = operations.filter(({ path }) => path.includes('{id}'));
  const notTheirs = [404, '{"message":"Not found"}', { GetItem: 3, BatchGetItem: 2 }];
  for (const operation of ofWebhooks) {
    expect(await call(operation, { path: 'demo', id: 4711, token: tokens.owner }), operation.operationId).toEqual(
      notTheirs,
    );
  }
});

it('of a namespace that an event is sent to, nobody can tell, either', async () => {
  const of = (namespace_id: number, token: string, type = 'cron') =>
    seen('/events', { method: 'POST', token, body: { type, namespace_id, payload: {} } });
  const token = await api.tokenOf('stranger', ['event:write']);
  await api.call('/user', { token });
  const notTheirs = await of(api.namespace.id, token);
  expect(notTheirs).toEqual([404, '{"message":"Not found"}', { GetItem: 4 }]);
  expect(await of(4711, token)).toEqual(notTheirs);
  expect(await of(api.namespace.id, token, 'namespaces')).toEqual(notTheirs);
  expect(await of(4711, token, 'invite.accepted')).toEqual(notTheirs);
});

it('a token that is none costs one look-up, and one that is mistyped none', async () => {
  const answer = [404, '{"message":"Not found"}'];
  const unknown = mintToken(new Uint8Array(32).fill(7));
  expect(await seen('/user', { token: unknown })).toEqual([...answer, { GetItem: 1 }]);
  const expiresAt = new Date(api.clock.nowMs).toISOString();
  const expired = await createToken(api.accounts, { username: 'admin', name: 'test', scopes: [], expiresAt });
  expect(await seen('/user', { token: expired.token })).toEqual([...answer, { GetItem: 1 }]);
  const withoutScope = await api.tokenOf('admin', ['event:write']);
  expect(await seen('/n/admin/demo', { token: withoutScope })).toEqual([...answer, { GetItem: 1 }]);
  expect(await seen('/user', { token: `${unknown.slice(0, 20)}x${unknown.slice(21)}` })).toEqual([...answer, {}]);
  expect(await seen('/user', { token: null })).toEqual([...answer, {}]);
});
