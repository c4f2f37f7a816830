import { request } from 'node:http';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJsonObject } from '../../functions/web/body.ts';
import { answerError } from '../../functions/web/problems.ts';
import { serveLocally } from '../../infra/local/serve.ts';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

const LIMIT_BYTES = 64 * 1024;
const URL_REQUIRED = { payload_url: ['Payload URL is required'] };
const NOT_JSON = { message: 'The body is not valid JSON' };
const NO_OBJECT = { message: 'The body must be a JSON object' };
const OTHER_TYPE = { message: 'Send the body as JSON, with Content-Type: application/json' };
const TOO_LARGE = { message: 'The body must be at most 64 KB' };

let api: Api;

beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return api.call(WEBHOOKS, { method: 'POST', body, headers });
}

/** A JSON object of so many bytes that is no webhook. */
function objectOf(bytes: number): string {
  return `{"secret":"${'x'.repeat(bytes - 13)}"}`;
}

describe('a body', () => {
  it.each([
    ['nothing', '', NOT_JSON],
    ['no JSON', 'payload_url=https://a.example', NOT_JSON],
    ['cut in the middle', '{"payload_url":"https://a.exa', NOT_JSON],
    ['two values', '{}{}', NOT_JSON],
    ['an array', '[{"payload_url":"https://a.example"}]', NO_OBJECT],
    ['null', 'null', NO_OBJECT],
    ['a string', '"https://a.example"', NO_OBJECT],
    ['deep nesting', `{"events":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, expect.objectContaining(URL_REQUIRED)],
    [
      'ten thousand members of one name',
      `{${'"k":1,'.repeat(10_000)}"k":1}`,
      { ...URL_REQUIRED, k: ['Unknown field'] },
    ],
  ])('is refused with 400: %s', async (_, body, expected) => {
    expect(await read(post(body), 400)).toEqual(expected);
  });

  it('may have as many keys as fit', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => [`${index}k`, 1] as const);
    expect(await read(post(Object.fromEntries(keys)), 413)).toEqual(TOO_LARGE);
    const fields = await read(post(Object.fromEntries(keys.slice(0, 5_000))), 400);
    expect(fields).toMatchObject({ ...URL_REQUIRED, '4999k': ['Unknown field'] });
    expect(Object.keys(fields)).toHaveLength(5_001);
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('may not have the key "%s"', async (key) => {
    const url = '"payload_url":"https://proto.example/hook"';
    const text = await (await post(`{${url},"${key}":{"active":false}}`)).text();
    expect(text).toBe(`{"${key}":["Unknown field"]}`);
    expect(await read(post(`{"__proto__":{${url}}}`), 400)).toMatchObject(URL_REQUIRED);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json', 'json', ''])(
    'is refused with 415 where its type is "%s"',
    async (type) => {
      expect(await read(post('{}', { 'content-type': type }), 415)).toEqual(OTHER_TYPE);
    },
  );

  it('is refused with 415 where there is none', async () => {
    expect(await read(api.call(WEBHOOKS, { method: 'POST' }), 415)).toEqual(OTHER_TYPE);
  });

  it.each([
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json; chraset=utf8',
    'application/json;',
  ])('is read where its type is %s', async (type) => {
    expect(await read(post('{}', { 'content-type': type }), 400)).toEqual(URL_REQUIRED);
  });
});

describe('the size of a body', () => {
  it('may be 64 KB, and not one byte more, whatever its length was said to be', async () => {
    expect(await read(post(objectOf(LIMIT_BYTES)), 400)).toHaveProperty('secret');
    for (const headers of [{}, { 'content-length': '10' }, { 'content-length': '999999999' }]) {
      expect(await read(post(objectOf(LIMIT_BYTES + 1), headers), 413)).toEqual(TOO_LARGE);
    }
  });

  it('counts bytes, not characters', async () => {
    expect(await read(post(`{"secret":"${'€'.repeat(30_000)}"}`), 413)).toEqual(TOO_LARGE);
  });

  it('is counted while it comes over a socket: with a length, and in chunks without end', async () => {
    const app = new Hono();
    app.onError((error, context) => answerError(error, context, () => undefined));
    app.post('/', async (context) => context.json(await readJsonObject(context.req.raw)));
    const served = await serveLocally(app, 0);
    const text = objectOf(LIMIT_BYTES + 1);
    expect(await send(served.port, (out) => out.setHeader('content-length', text.length).end(text))).toBe(413);
    // Never ended: an answer comes only where the reader does not wait for the end.
    expect(await send(served.port, (out) => out.write(text))).toBe(413);
    await served.stop();
  });
});

/** Sends a request over a socket of its own; answers the status that came back. */
function send(port: number, write: (out: ReturnType<typeof request>) => unknown): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const out = request({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-type': 'application/json' } });
  out.on('error', reject).on('response', (answer) => {
    resolve(answer.statusCode);
    out.destroy();
  });
  write(out);
  return promise;
}

describe('a field', () => {
  const url = 'https://fields.example/hook';
  const typeless = 'Events must be an array of event types';

  it.each([
    ['payload_url', {}, URL_REQUIRED],
    ['payload_url', { payload_url: '' }, URL_REQUIRED],
    ['payload_url', { payload_url: null }, URL_REQUIRED],
    ['payload_url', { payload_url: 1 }, { payload_url: ['Payload URL must be a string'] }],
    [
      'payload_url',
      { payload_url: 'ftp://a.example' },
      { payload_url: ['Payload URL must begin with https:// or http://'] },
    ],
    [
      'payload_url',
      { payload_url: 'https://10.0.0.1' },
      { payload_url: ['Payload URL must point to a public address'] },
    ],
    [
      'ssl',
      { payload_url: 'http://a.example', ssl: true },
      { ssl: ['SSL needs a payload URL that begins with https://'] },
    ],
    ['ssl', { payload_url: url, ssl: 'yes' }, { ssl: ['SSL must be true or false'] }],
    ['active', { payload_url: url, active: 1 }, { active: ['Active must be true or false'] }],
    ['secret', { payload_url: url, secret: 5 }, { secret: ['Secret must be a string'] }],
    ['secret', { payload_url: url, secret: 'x'.repeat(257) }, { secret: ['Secret must be at most 256 bytes'] }],
    ['secret', { payload_url: url, secret: `${'é'.repeat(128)}x` }, { secret: ['Secret must be at most 256 bytes'] }],
    ['events', { payload_url: url, events: 'cron' }, { events: [typeless] }],
    ['events', { payload_url: url, events: { cron: true } }, { events: [typeless] }],
    [
      'events',
      { payload_url: url, events: ['cron', 'push', 7] },
      { events: ['Unknown event "push"', 'Unknown event 7'] },
    ],
    ['color', { payload_url: url, color: 'red' }, { color: ['Unknown field'] }],
    ['remove_secret', { payload_url: url, remove_secret: true }, { remove_secret: ['Unknown field'] }],
  ])('%s is refused in %j', async (_, body, expected) => {
    expect(await read(post(body), 400)).toEqual(expected);
  });

  it('is refused together with all others that are wrong', async () => {
    const body = { ssl: 1, active: 1, secret: 1, events: 1, color: 1 };
    const fields = Object.keys(await read(post(body), 400)).toSorted();
    expect(fields).toEqual(['active', 'color', 'events', 'payload_url', 'secret', 'ssl']);
  });
});
