import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../functions/store/table.ts';
import type { OpenApiDocument } from '../../functions/web/openapi/objects.ts';
import { local } from '../../infra/local/aws.ts';
import { type DynamoEngine, startDynamoDb } from '../../infra/local/dynamodb.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { runCtl, type Started, startProcess } from '../support/started.ts';
import { textOf } from '../support/table-text.ts';
import { until } from '../support/until.ts';

/** What is planted, each a text that stands nowhere else. */
const SECRETS = ['planted-1st-secret-Zq81', 'planted-2nd-secret-Wv52', 'planted-bad-secret-Kx33'] as const;
const PAYLOAD = 'planted-payload-Hn46';
const QUERY = 'planted-query-Td97';

let folder: string;
let url: string;
let dynamodb: DynamoEngine;
let started: Started;
let receiver: Receiver;
let items: readonly Item[];
/** Every token that there was, with the first start's. */
const tokens: string[] = [];
/** All that the API answered, and that commands printed but the one that makes a token. */
const answers: string[] = [];
let env: Readonly<Record<string, string>>;

async function call(path: string, init: { method?: string; body?: unknown; token?: string } = {}): Promise<string> {
  const { method = 'GET', body, token = tokens[0] } = init;
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.push(text, JSON.stringify([...response.headers]));
  return text;
}

async function ctl(...words: string[]): Promise<string> {
  const printed = await runCtl(env, ...words);
  answers.push(printed);
  return printed;
}

/** Events as the CI sends them: one that is delivered, and those that are of no use to anybody. */
async function putEvents(namespaceId: number): Promise<void> {
  const client = new EventBridgeClient(local(url));
  const details = [
    ['cron', { namespace_id: namespaceId, payload: { id: 1, note: PAYLOAD } }],
    ['cron', { namespace_id: PAYLOAD, payload: { note: PAYLOAD } }],
    [PAYLOAD, { namespace_id: namespaceId, payload: { note: PAYLOAD } }],
    ['namespaces', { namespace_id: 1, payload: { action: 'created', namespace: { id: PAYLOAD, path: PAYLOAD } } }],
    ['invite.accepted', { namespace_id: 1, payload: { invitee: { username: `${PAYLOAD} ?` }, namespace: { id: 1 } } }],
  ] as const;
  const Entries = details.map(([DetailType, detail]) => ({
    Source: 'djinn-ci',
    EventBusName: 'djinn-ci',
    DetailType,
    Detail: JSON.stringify(detail),
  }));
  await client.send(new PutEventsCommand({ Entries }));
  client.destroy();
}

/** Everything that users and operators do, with what is planted in every place that takes it; some of it is refused. */
async function useIt(): Promise<void> {
  const made = await runCtl(env, 'token', 'create', 'admin', '--json', '--scopes', 'webhook:read,write,delete');
  const { token = '', id = '' } = JSON.parse(made) as { readonly token?: string; readonly id?: string };
  tokens.push(token);
  const hooks = '/n/admin/demo/-/webhooks';
  const [first, second, bad] = SECRETS;
  const payload_url = `${receiver.url}/hook?key=${QUERY}`;
  const webhook = JSON.parse(
    await call(hooks, { method: 'POST', body: { payload_url, secret: first, events: ['cron'] } }),
  );
  const at = `${hooks}/${webhook.id}`;
  await call(hooks, { method: 'POST', body: { payload_url, secret: bad } });
  await call(hooks, { method: 'POST', body: { payload_url: `http://10.0.0.1/?key=${QUERY}`, secret: bad } });
  await call(hooks, { method: 'POST', body: { payload_url: `nonsense ${QUERY}`, secret: bad, ssl: 'no' } });
  await call(hooks, { method: 'POST', body: `{"secret":"${bad}","payload_url":${QUERY}}` });
  await call(at, { method: 'PATCH', body: { secret: bad, active: 'no' } });
  await call(at, { method: 'PATCH', body: { secret: bad.repeat(20) } });
  await call(at, { method: 'PATCH', body: { secret: second } });
  await call(`${at}/pings`, { method: 'POST', body: { event: 'cron' } });
  await call('/events', { method: 'POST', body: { type: 'cron', namespace_id: 1, payload: { note: PAYLOAD } } });
  await call('/events', { method: 'POST', body: `{"type":"cron","namespace_id":1,"payload":{"note":${PAYLOAD}}}` });
  await call('/events', { method: 'POST', body: { type: PAYLOAD, namespace_id: 1, payload: PAYLOAD } });
  await putEvents(1);
  await until('three deliveries have come twice', () => receiver.received.length >= 6);
  await readAll(at);
  await call(`${hooks}?token=${token}&cursor=${token}`);
  for (const wrong of [`${token}x`, `x${token}`, `${token} ${token}`]) await call('/user', { token: wrong });
  await call(at, { token });
  await ctl('token', 'list', 'admin');
  await ctl('token', 'revoke', 'admin', id);
  await ctl('token', 'revoke', 'admin', token);
  await call(at, { token });
  for (const words of ['webhook list admin/demo', 'audit admin/demo', 'dead-letters list', 'namespace list']) {
    await ctl(...words.split(' '));
  }
}

/** Asks for everything that there is to be read of a webhook, each delivery included; makes one again and recovers all. */
async function readAll(at: string): Promise<void> {
  const { paths } = JSON.parse(await call('/openapi.json')) as OpenApiDocument;
  const [delivery] = JSON.parse(await call(`${at}/deliveries`));
  await call(`${at}/deliveries/${delivery.id}/attempts`, { method: 'POST' });
  const recovery = JSON.parse(
    await call(`${at}/recoveries`, { method: 'POST', body: { since: '2026-01-01T00:00:00Z' } }),
  );
  const events = JSON.parse(await call('/n/admin/demo/-/events'));
  const values: Readonly<Record<string, string>> = {
    username: 'admin',
    path: 'demo',
    id: at.split('/').at(-1) ?? '',
    delivery: delivery.id,
    recovery: recovery.id,
    event: events[0].url.split('/').at(-1),
  };
  for (const [path, methods] of Object.entries(paths)) {
    if ('get' in methods) await call(path.replaceAll(/\{(\w+)\}/g, (_, name) => values[name] ?? ''));
  }
}

beforeAll(async () => {
  const port = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'djinn-planted-'));
  dynamodb = await startDynamoDb({ file: join(folder, 'planted.db') });
  // A receiver that says everything that it was told, and takes only what comes a second time.
  receiver = await startReceiver((response, { rawHeaders, body }, nth) =>
    response.writeHead(nth === 1 ? 500 : 200).end(`${rawHeaders.join('\n')}\n${body}`),
  );
  url = `http://localhost:${port}`;
  env = { DATA_DIR: folder, PORT: port.toString(), AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint };
  started = await startProcess(env);
  tokens.push(readFileSync(join(folder, 'token'), 'utf8').trim());
  await useIt();
  items = await allItems();
  // From here on nothing works any more, and the log says so.
  await dynamodb.stop();
  await call('/user');
  await call('/n/admin/demo/-/webhooks', {
    method: 'POST',
    body: { payload_url: `https://a.example/?${QUERY}`, secret: SECRETS[2] },
  });
  await putEvents(1);
  for (const line of ['A request failed', 'A function failed']) {
    await until(`the log says "${line}"`, () => started.output().includes(line));
  }
  await started.stop();
});
afterAll(async () => {
  started.process.kill('SIGKILL');
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function allItems() {
  const client = new DynamoDBClient(local(dynamodb.endpoint));
  const { settings } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  const found: Item[] = [];
  const db = DynamoDBDocumentClient.from(client);
  for await (const { Items = [] } of paginateScan({ client: db }, { TableName: settings.TABLE_NAME }))
    found.push(...(Items as Item[]));
  client.destroy();
  return found;
}

/** A text as it may stand in other text: itself, and in base64 wherever in a group of three bytes it begins. */
function formsOf(text: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${'x'.repeat(before)}${text}`).toString('base64url');
    // Only the characters that depend on nothing but the text.
    return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + text.length) * 4) / 3) - 1);
  });
  const hex = Buffer.from(text).toString('hex');
  return [
    text,
    encodeURIComponent(text),
    hex,
    ...base64,
    ...base64.map((one) => one.replaceAll('-', '+').replaceAll('_', '/')),
  ];
}

function expectNone(text: string, planted: readonly string[], where: string): void {
  expect(
    planted.flatMap(formsOf).filter((form) => text.includes(form)),
    where,
  ).toEqual([]);
}

describe('what was planted', () => {
  it('was used: it was delivered, signed with each secret, failed, refused, logged and asked for', () => {
    expect(receiver.received.length).toBeGreaterThanOrEqual(6);
    expect(receiver.received[0]?.path).toContain(QUERY);
    expect(receiver.received.map(({ body }) => body.toString()).join()).toContain(PAYLOAD);
    expect(receiver.received.some(({ headers }) => headers['webhook-signature']?.includes(' v1,'))).toBe(true);
    const table = items.map(textOf).join('\n');
    for (const expected of [PAYLOAD, QUERY]) expect(table).toContain(expected);
    // What went over the wire was looked into: each attempt has the very signature that arrived, and the reply that says it again.
    const signatures = receiver.received.map(({ headers }) => String(headers['x-djinn-ci-signature']));
    for (const signature of signatures) {
      expect(signature).toMatch(/^sha256=[0-9a-f]{64}$/);
      expect(table).toContain(`["X-Djinn-CI-Signature","${signature}"]`);
      expect(table).toContain(`X-Djinn-CI-Signature\n${signature}`);
    }
    for (const line of ['of no use to the directory', 'A request failed', 'A function failed']) {
      expect(started.output()).toContain(line);
    }
    for (const around of ['', 'x', 'xx']) {
      const written = Buffer.from(`${around}${SECRETS[0]}${around}`).toString('base64');
      expect(
        formsOf(SECRETS[0]).some((form) => written.includes(form)),
        'base64 is found',
      ).toBe(true);
    }
  });

  it('is in no line of the log: no secret, token, payload, query or signature', () => {
    const [welcome = '', ...rest] = started.output().split('Your token, shown this once');
    const log = welcome + rest.join('').replace(tokens[0] ?? '', '');
    expectNone(log, [...SECRETS, ...tokens, PAYLOAD, QUERY], 'the log');
    const signatures = receiver.received.flatMap(({ headers }) =>
      `${headers['webhook-signature']} ${headers['x-djinn-ci-signature']}`.split(' '),
    );
    for (const signature of signatures) expect(log).not.toContain(signature.replace(/^v1,|^sha256=/, ''));
    expect(log).not.toMatch(/https?:\/\/[^\s"]+\?[^…]/);
  });

  it('is in no answer and no command: no secret, no token', () => {
    expectNone(answers.join('\n').replaceAll(SECRETS[2], ''), [SECRETS[0], SECRETS[1], tokens[0] ?? ''], 'the answers');
    expect(answers.join('\n')).not.toContain(`"${SECRETS[2]}"`);
  });

  it('is in no item of the table, packed ones included, and in no byte on the disk: no secret, no token', () => {
    expectNone(items.map(textOf).join('\n'), [...SECRETS, ...tokens], 'the table');
    const files = globSync('**/*', { cwd: folder }).filter((name) => statSync(join(folder, name)).isFile());
    expect(files).toEqual(expect.arrayContaining(['planted.db', 'kms.key', 'token', 'inbox-secret']));
    expect(files.some((name) => name.startsWith('sqs'))).toBe(true);
    const inboxSecret = readFileSync(join(folder, 'inbox-secret'), 'utf8').trim();
    for (const name of files) {
      // Two files are there to tell their owner one thing each.
      const own = { token: tokens[0], 'inbox-secret': inboxSecret }[name];
      const planted = [...SECRETS, ...tokens, inboxSecret].filter((one) => one !== own);
      expectNone(readFileSync(join(folder, name), 'latin1'), planted, name);
    }
  });

  it('and what opens it is for its owner alone', () => {
    for (const name of ['kms.key', 'token', 'inbox-secret', 'run.json']) {
      if (existsSync(join(folder, name))) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
    }
    expect(statSync(join(folder, 'kms.key')).size).toBe(44);
  });
});
