import { afterAll, beforeAll, expect, it } from 'vitest';
import { addCollaborator, createToken, revokeToken } from '../../functions/actions/accounts.ts';
import { mintToken, SCOPES, type Scope } from '../../functions/domain/token.ts';
import type { OpenApiDocument, OperationObject } from '../../functions/web/openapi/objects.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Api, headersOf, openApi, read } from './api.ts';

type Operation = OperationObject & { readonly method: string; readonly path: string };
type Cell = { readonly of: string; readonly who: string; readonly isLet: boolean; readonly status: number };

const CALLERS = ['no token', 'bad', 'revoked', 'expired', 'wrong scope', 'stranger', 'collaborator', 'owner'] as const;
type Who = (typeof CALLERS)[number];

const DELIVERY = '019b0000-0000-7000-8000-000000000001';
const EVENT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-11-23T11:59:59.000Z' };

let api: Api;
let nothing: readonly unknown[];
let webhooks = 0;

beforeAll(async () => {
  api = await openApi();
  await addCollaborator(api.accounts, api.namespace, 'collaborator');
  const event = { ...EVENT, type: 'cron', namespaceId: api.namespace.id, payload: '{}' } as const;
  await api.events.open([{ event, verdicts: {}, receivedAt: EVENT.createdAt, openedBy: 'test' }]);
  nothing = await seen(await api.call('/no/such/path', { token: null }));
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

/** What a caller can tell answers apart by. */
async function seen(response: Response): Promise<readonly unknown[]> {
  return [response.status, headersOf(response), await response.text()];
}

async function tokenFor(who: Who, scopes: readonly Scope[]): Promise<string | null> {
  if (who === 'no token') return null;
  if (who === 'bad') return mintToken(new Uint8Array(32));
  if (who === 'stranger' || who === 'collaborator') return api.tokenOf(who, scopes);
  if (who === 'wrong scope') return api.tokenOf('admin', scopesBut(scopes));
  const expiresAt = who === 'expired' ? new Date(api.clock.nowMs).toISOString() : undefined;
  const { token, record } = await createToken(api.accounts, { username: 'admin', name: who, scopes, expiresAt });
  if (who === 'revoked') await revokeToken(api.accounts, record);
  return token;
}

function scopesBut(scopes: readonly Scope[]): readonly Scope[] {
  return SCOPES.filter((scope) => !scopes.includes(scope));
}

/** A webhook of its own for a call, with a delivery that waits for its next attempt, and a recovery that has ended. */
async function somewhere(): Promise<Readonly<Record<string, string>>> {
  webhooks += 1;
  const { id, namespaceId } = await api.addWebhook({ payload_url: `https://a.example/${webhooks}` });
  const attempt = failedAttempt({ webhookId: id, namespaceId, deliveryId: DELIVERY });
  await api.attempts.record([{ attempt, dueAtMs: Date.parse(attempt.nextAttemptAt ?? '') }]);
  const at = `/n/admin/demo/-/webhooks/${id}`;
  const since = '2026-11-01T00:00:00Z';
  const recovery = await read(api.call(`${at}/recoveries`, { method: 'POST', body: { since } }), 202);
  const event = `${EVENT.createdAt}~${EVENT.id}`;
  return { username: 'admin', path: 'demo', id: `${id}`, delivery: DELIVERY, event, recovery: String(recovery['id']) };
}

async function call(operation: Operation, token: string | null, values: Readonly<Record<string, string>>) {
  const { method, requestBody, operationId } = operation;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ''));
  if (requestBody === undefined) return api.call(path, { method, token });
  const body = { ...(requestBody.content['application/json'].example as Record<string, unknown>) };
  if (operationId === 'createWebhook') body['payload_url'] = `https://b.example/${token}`;
  if (operationId === 'pauseWebhook') body['until'] = '2026-11-24T12:00:00Z';
  if (operationId === 'sendEvent') body['namespace_id'] = api.namespace.id;
  return api.call(path, { method, token, body });
}

async function cell(operation: Operation, who: Who): Promise<Cell> {
  const scopes = (operation.security[0]?.['token'] ?? []) as readonly Scope[];
  const values = await somewhere();
  const response = await call(operation, await tokenFor(who, scopes), values);
  const isNotFound = JSON.stringify(await seen(response)) === JSON.stringify(nothing);
  await api.call(`/n/admin/demo/-/webhooks/${values['id']}`, { method: 'DELETE' });
  return { of: operation.operationId, who, isLet: !isNotFound, status: response.status };
}

/** Who is let in: whoever has the scope and reaches the namespace; and, where it is the same for all, whoever has a token. */
function isToBeLet(operation: Operation, who: Who): boolean {
  if (who === 'owner' || who === 'collaborator') return true;
  return (who === 'stranger' || who === 'wrong scope') && operation.security[0]?.['token']?.length === 0;
}

it('every route, for every kind of caller: let in, or answered as if there were nothing', async () => {
  const { paths } = await read<OpenApiDocument>(api.call('/openapi.json'));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  expect(operations.length).toBeGreaterThanOrEqual(20);
  const wrong: Cell[] = [];
  for (const operation of operations) {
    for (const who of CALLERS) {
      const found = await cell(operation, who);
      const isDone =
        [200, 201, 202, 204].includes(found.status) || (found.status === 409 && /Recovery$/.test(found.of));
      if (found.isLet !== isToBeLet(operation, who) || (found.isLet && !isDone)) wrong.push(found);
    }
  }
  expect(wrong).toEqual([]);
});
