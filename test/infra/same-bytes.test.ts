import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleDeps } from '../../functions/runtime/console-deps.ts';
import { type FunctionName, readEnv, SETTINGS_OF } from '../../functions/runtime/env.ts';
import { gatewayHandler } from '../../functions/runtime/gateway.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import { consoleApp } from '../../functions/web/console/app.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { GRANTS } from '../../infra/grants.ts';
import { gatewayEvent, queueEvent, SCHEDULED_EVENT } from '../support/aws-events.ts';
import { busEvent } from '../support/deployment.ts';
import { derivedGrants } from '../support/derived-grants.ts';
import { noteCalls } from '../support/noted-calls.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Json, type Synthesised, synthesise } from '../support/template.ts';
import { type Api, openApi, WEBHOOKS } from '../web/api.ts';

const NAMES = Object.keys(SETTINGS_OF) as FunctionName[];
/** What the template gives a function beside its settings: options of libraries. */
const OPTIONS = ['POWERTOOLS_SERVICE_NAME'];

let stack: Synthesised;
let api: Api;
let receiver: Receiver;
beforeAll(async () => {
  stack = synthesise();
  api = await openApi();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await api.stop();
});

describe('the settings of a function', () => {
  it.each(NAMES)('are the same here and there, and all that it reads: %s', (name) => {
    const [, made] =
      stack
        .ofType('AWS::Lambda::Function')
        .find(([, one]) => one.Properties['Description'] === FUNCTIONS[name].description) ?? [];
    const { Variables } = (made?.Properties['Environment'] ?? {}) as { Variables: Json };
    const there = Object.keys(Variables).filter((variable) => !OPTIONS.includes(variable));
    const here = Object.keys(readEnv(name, api.engines.settings));
    expect(there.sort()).toEqual([...SETTINGS_OF[name]].sort());
    expect(here.sort()).toEqual(there.sort());
  });
});

describe('the calls of a function', () => {
  it('over the local engines are calls that its role on AWS allows, and that are read from its code', async () => {
    const calls = noteCalls(api.world);
    const { handlers, namespace, clock } = api;
    const post = (path: string, body: unknown) => calls.by('api', () => api.call(path, { method: 'POST', body }));
    await post(WEBHOOKS, { payload_url: receiver.url, secret: 'whsec_c2VjcmV0' });
    await post(WEBHOOKS, { payload_url: `${receiver.url}/other`, events: ['cron'] });
    await calls.by('api', () => api.call(`${WEBHOOKS}/1`, { method: 'PATCH', body: { secret: 'another' } }));
    await post(`${WEBHOOKS}/1/pings`, { event: 'cron' });
    const events = ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff', '6f9619ff-8b86-4d01-b42d-00cf4fc964fe'];
    await api.send('events', [...events.map((id) => busEvent({ namespaceId: namespace.id, id })), 'nonsense']);
    await calls.by('ingest', () => api.drain('events', handlers.ingest));
    await calls.by('deliver', () => api.drain('deliveries', handlers.deliver));
    clock.nowMs += 10 * 60_000;
    await post(`${WEBHOOKS}/1/recoveries`, { since: '2026-11-23T11:00:00Z', status: 'succeeded' });
    await calls.by('recover', () => handlers.recover({}));
    await calls.by('retry', () => handlers.retry({}));
    await calls.by('deliver', () => api.drain('deliveries', handlers.deliver));
    await calls.by('console', () =>
      Promise.resolve(consoleApp(consoleDeps(api.engines.settings, api.world)).request('/console/sign-in')),
    );
    await calls.by('api', () => api.call(`${WEBHOOKS}/2`, { method: 'DELETE' }));
    for (const name of NAMES) {
      const allowed = Object.values(GRANTS[name]).flat();
      expect(
        calls.of(name).filter((action) => !allowed.includes(action)),
        name,
      ).toEqual([]);
      expect(Object.values(derivedGrants(name)).flat(), name).toEqual(expect.arrayContaining([...calls.of(name)]));
    }
    expect(calls.of('api')).toEqual(
      expect.arrayContaining(['kms:Encrypt', 'dynamodb:PartiQLInsert', 'sqs:SendMessage']),
    );
    expect(calls.of('deliver')).toContain('kms:Decrypt');
  });
});

describe('the events of a function', () => {
  it('from a queue have on AWS all that the local ones have, in the same form', async () => {
    const [body] = [busEvent({ namespaceId: api.namespace.id, id: crypto.randomUUID() })];
    expect(await api.handlers.ingest(queueEvent([body]))).toEqual({ batchItemFailures: [] });
    const failed = await api.handlers.deliver(queueEvent(['no message of ours']));
    expect(failed).toEqual({ batchItemFailures: [{ itemIdentifier: queueEvent(['']).Records[0]?.messageId }] });
  });

  it('from a schedule say nothing that is read', async () => {
    expect(await api.handlers.retry(SCHEDULED_EVENT)).toEqual({ sent: expect.any(Number), released: 0 });
    expect(await api.handlers.recover(SCHEDULED_EVENT)).toEqual({ redelivered: expect.any(Number) });
  });

  it.each([
    ['GET', WEBHOOKS, undefined],
    ['GET', `${WEBHOOKS}?per_page=1`, undefined],
    ['GET', '/n/admin/demo', undefined],
    ['GET', '/n/admin/de%6Do/-/webhooks', undefined],
    ['GET', '/n/admin/nothing/-/webhooks/1', undefined],
    ['POST', WEBHOOKS, '{"payload_url": "ftp://nowhere"}'],
    ['POST', WEBHOOKS, '{"payload_url": "https://ä.example/ö", '],
    ['GET', '/user', undefined],
    ['GET', '/openapi.json', undefined],
  ])('from the gateway are answered as the same request is locally: %s %s', async (method, path, body) => {
    const app = webApp({ ...apiDeps(api.engines.settings, api.world) });
    const token = await api.tokenOf('admin');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', host: 'hooks.example' };
    const init = { method, headers, ...(body !== undefined && { body }) };
    const direct = await app.request(new URL(path, 'https://hooks.example'), init);
    const answer = await gatewayHandler(app)(gatewayEvent({ path, ...init }));
    expect(answer.statusCode).toBe(direct.status);
    expect(answer.isBase64Encoded).toBe(false);
    expect(withoutId(answer.body)).toBe(withoutId(await direct.text()));
    expect(answer.headers['content-type']).toBe(direct.headers.get('content-type'));
  });

  it.each(['GET', 'HEAD'])('from the gateway may be a %s with a body, which counts for nothing', async (method) => {
    const deps = apiDeps(api.engines.settings, api.world);
    const headers = { authorization: `Bearer ${await api.tokenOf('admin')}`, host: 'hooks.example' };
    const direct = await webApp(deps).request(new URL(WEBHOOKS, 'https://hooks.example'), { method, headers });
    const answer = await gatewayHandler(webApp(deps))(gatewayEvent({ path: WEBHOOKS, method, headers, body: '{}' }));
    expect([answer.statusCode, answer.body]).toEqual([direct.status, await direct.text()]);
    expect(answer.headers).toMatchObject({
      'x-request-id': expect.any(String),
      'content-security-policy': expect.any(String),
    });
  });

  it('from the gateway to the console bring its cookies, and take its own', async () => {
    const pages = consoleApp(consoleDeps(api.engines.settings, api.world));
    const event = gatewayEvent({
      path: '/console',
      method: 'GET',
      headers: { host: 'hooks.example' },
      cookies: ['a=b'],
    });
    const direct = await pages.request('https://hooks.example/console', { headers: { cookie: 'a=b' } });
    const answer = await gatewayHandler(pages)(event);
    expect([answer.statusCode, answer.headers['location']]).toEqual([
      direct.status,
      direct.headers.get('location') ?? undefined,
    ]);
  });
});

function withoutId(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
}
