import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createToken } from '../../functions/actions/accounts.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { log } from '../../functions/runtime/log.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';

const PLANTED = { secret: 'planted-secret-Rb18', payload: 'planted-payload-Lm64', query: 'planted-query-Xc02' };

let deployment: Deployment;
let token: string;

beforeAll(async () => {
  deployment = await deploy();
  ({ token } = await createToken(deployment.accounts, { username: 'admin', name: 'test', scopes: SCOPES }));
  await deployment.addWebhook({ payload_url: `https://a.example/?${PLANTED.query}`, secret: PLANTED.secret });
});
afterAll(() => deployment.stop());

/** Has a client fail at every call, with an error that carries all that it was asked for, as libraries' errors may. */
function breakDown(client: unknown): () => void {
  const { middlewareStack } = client as SQSClient;
  middlewareStack.add(
    () =>
      async ({ input }) => {
        const cause = Object.assign(new TypeError('Invalid URL'), { input: JSON.stringify(input) });
        throw Object.assign(new Error('The service is away', { cause }), { input, $response: { body: input } });
      },
    { step: 'initialize', name: 'away', priority: 'high' },
  );
  return () => middlewareStack.remove('away');
}

/** What users and the CI do: a webhook is made and its secret replaced, events come by either way and are delivered. */
async function useIt(): Promise<void> {
  const { engines, world, namespace, handlers, send, step } = deployment;
  const app = webApp(apiDeps(engines.settings, world));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const call = (method: string, path: string, body: object) =>
    app.request(`https://ci.example${path}`, { method, headers, body: JSON.stringify(body) });
  const { secret, payload, query } = PLANTED;
  const hooks = '/n/admin/demo/-/webhooks';
  await call('POST', hooks, { payload_url: `https://b.example/?${query}`, secret });
  await call('PATCH', `${hooks}/1`, { payload_url: `https://c.example/?${query}`, secret: `${secret}-new` });
  await call('POST', '/events', { type: 'cron', namespace_id: namespace.id, payload: { payload } });
  const event = busEvent({ namespaceId: namespace.id, id: crypto.randomUUID(), payload: JSON.stringify({ payload }) });
  await send('events', [event]).catch(() => undefined);
  // As Lambda does, which logs what a handler throws.
  const logged = (error: unknown) => log.error('A function failed', { error });
  await step('events', handlers.ingest).catch(logged);
  await step('deliveries', handlers.deliver).catch(logged);
  for (const handler of [handlers.retry, handlers.recover]) await handler({}).catch(logged);
}

/** Takes down what is written to the log until it is ended. */
function listen() {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0),
  );
  const end = () => {
    for (const spy of spies) spy.mockRestore();
  };
  return { lines, end };
}

it('a receiver’s DNS does not decide how long a line is: ten of the addresses that were refused, and how many there are', async () => {
  const { engines, world } = deployment;
  const admitted = Array.from({ length: 2_000 }, (_, nth) => `8.8.${nth >> 8}.${nth & 255}`);
  const refused = Array.from({ length: 2_000 }, (_, nth) => `10.0.${nth >> 8}.${nth & 255}`);
  const resolve = async () => [...admitted, ...refused];
  const { post } = deliverDeps(engines.settings, { ...world, resolve });
  const { lines, end } = listen();
  const request = { url: 'https://a.example/', headers: [], body: Buffer.from('{}'), verifyCertificate: true };
  const { error } = await post(request).finally(end);
  expect(error?.class).toBe('blocked');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { message: 'A destination was refused', host: 'a.example', addresses: refused.slice(0, 10), refused: 2_000 },
  ]);
});

const ring: Record<string, unknown> = { name: 'ring' };
ring['self'] = ring;
const ownCause = new Error('mine');
ownCause.cause = ownCause;

it.each([
  ['a ring', ring],
  ['an error that is its own cause', ownCause],
  ['a number beyond those of JSON', 10n],
])('tells of what it cannot write, such as %s, and does not throw', (_, value) => {
  const { lines, end } = listen();
  try {
    log.error('A request failed', { requestId: 'r1', value });
  } finally {
    end();
  }
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({
    level: 'ERROR',
    message: 'A request failed',
    unwritable: ['requestId', 'value'],
    why: { message: expect.any(String) },
  });
});

it.each(['dynamodb', 'sqs', 'kms', 'eventbridge'] as const)(
  'says that %s is away, and nothing of what it was asked for',
  async (name) => {
    const { lines, end } = listen();
    const back = breakDown(deployment.world[name]);
    await useIt().finally(() => {
      back();
      end();
    });
    const text = lines.join('');
    expect(text).toContain('The service is away');
    for (const planted of [...Object.values(PLANTED), token]) expect(text).not.toContain(planted);
  },
);
