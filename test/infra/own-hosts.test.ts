import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engines, startEngines } from '../../infra/local/engines.ts';
import { inboxSecret } from '../../infra/local/seed.ts';
import { type System, startSystem } from '../../infra/local/system.ts';

const PUT_EVENTS = { 'x-amz-target': 'AWSEvents.PutEvents', 'content-type': 'application/x-amz-json-1.1' };

let engines: Engines;
let system: System;
const folder = mkdtempSync(join(tmpdir(), 'djinn-'));

beforeAll(async () => {
  engines = await startEngines({ publicUrl: 'https://ci.example/hooks' });
  system = await startSystem(engines, { port: 0, inboxSecret: inboxSecret(folder) });
});
afterAll(async () => {
  await system.stop();
  await engines.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Asked = { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly port?: number };

/** Asks as a browser does whom the DNS has sent here under a name. */
async function ask(host: string, path: string, { port = system.port, headers, ...asked }: Asked = {}) {
  const sent = request({ host: '127.0.0.1', port, path, ...asked, headers: { host, ...headers } }).end(
    asked.method && '{}',
  );
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe('the local system', () => {
  it.each([
    'attacker.example',
    'attacker.example:8080',
    'localhost.attacker.example',
    'notlocalhost',
    '127.0.0.1.attacker.example',
    'ci.example.attacker.example',
    'sub.ci.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::2]',
  ])('answers nothing to whoever calls it %s', async (host) => {
    for (const path of ['/inbox.json', '/inbox', '/health', '/docs', '/console', '/user', '/no/such/page']) {
      const { status, body } = await ask(host, path);
      expect(status, path).toBe(421);
      expect(JSON.parse(body)).toEqual({
        message: expect.stringMatching(/^This server answers to localhost and the host of PUBLIC_URL alone: /),
      });
    }
    for (const path of ['/', '/inbox', '/events']) {
      expect((await ask(host, path, { method: 'POST', headers: PUT_EVENTS })).status, path).toBe(421);
    }
  });

  it.each(['attacker.example#.localhost', 'attacker.example/.localhost', 'localhost@attacker.example', 'a b'])(
    'answers nothing to whoever calls it what is no host: %j',
    async (host) => {
      const { status, body } = await ask(host, '/inbox.json');
      expect(status).toBeOneOf([400, 421]);
      expect(body).not.toContain('[');
    },
  );

  it.each([
    ['nobody', 'HTTP/1.0\r\n'],
    ['an empty host', 'HTTP/1.1\r\nHost: \r\nConnection: close\r\n'],
    ['two hosts', 'HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example\r\nConnection: close\r\n'],
  ])('answers nothing to whoever calls %s', async (_, head) => {
    const socket = connect(system.port, '127.0.0.1').end(`GET /inbox.json ${head}\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 4(00|21) /);
  });

  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    'localhost.',
    'ci.localhost:8080',
    '127.0.0.1',
    '127.1.2.3:9',
    '[::1]:8080',
    'ci.example',
    'CI.example:443',
  ])('answers to whoever calls it %s, by itself or through a proxy', async (host) => {
    for (const path of ['/inbox.json', '/health', '/docs', '/hooks/docs', '/console/sign-in']) {
      expect((await ask(host, path)).status, path).toBe(200);
    }
    expect((await ask(host, '/', { method: 'POST', headers: PUT_EVENTS })).status, 'no entries').toBe(400);
    expect((await ask(host, '/inbox', { method: 'POST' })).status).toBe(204);
  });

  it.each(['kms', 'eventbridge'] as const)('has an engine that answers to nobody else, either: %s', async (name) => {
    const port = Number(new URL(engines.endpoints[name]).port);
    const asked = { port, method: 'POST', headers: PUT_EVENTS };
    expect((await ask('attacker.example', '/', asked)).status).toBe(421);
    expect((await ask('ci.example', '/', asked)).status, 'no proxy is before it').toBe(421);
    expect((await ask('127.0.0.1', '/', asked)).status).toBe(400);
  });
});
