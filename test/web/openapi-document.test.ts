import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../../functions/web/openapi/objects.ts';
import { type Api, openApi, read } from './api.ts';

let api: Api;
let document: OpenApiDocument;
beforeAll(async () => {
  api = await openApi();
  document = await read<OpenApiDocument>(api.call('/openapi.json', { token: null }));
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

const operationsOf = () => Object.values(document.paths).flatMap((operations) => Object.values(operations));

describe('the document', () => {
  it('has the header by which the operator finds an answer on every response, and says of it once', () => {
    const of = operationsOf().flatMap(({ responses }) => Object.values(responses).map(({ headers }) => headers));
    expect(of.length).toBeGreaterThan(60);
    const said = { $ref: '#/components/headers/RequestId' };
    expect(of.map((headers) => headers?.['X-Request-Id'])).toEqual(of.map(() => said));
    expect(document.components.headers['RequestId']?.schema).toEqual({ type: 'string' });
  });

  it('bounds a secret, by characters for want of a word for bytes', () => {
    const named = operationsOf().filter(({ operationId }) => ['createWebhook', 'changeWebhook'].includes(operationId));
    const secrets = named.map(
      (operation) => operation.requestBody?.content['application/json'].schema.properties?.['secret'],
    );
    const bounded = { anyOf: [{ type: 'string', maxLength: 256 }, { type: 'null' }] };
    expect(secrets).toMatchObject([bounded, bounded]);
  });

  it('names the server that it was asked from', async () => {
    const { servers } = await read<OpenApiDocument>(api.call('/api/openapi.json', { token: null }));
    expect(servers).toEqual([{ url: 'https://ci.example/api' }]);
  });
});
