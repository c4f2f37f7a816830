import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busApp } from '../../infra/local/bus.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';

/** What the bus reads of a body, at most. */
const LIMIT_BYTES = 8 * 1024 * 1024;
const PUT_EVENTS = 'AWSEvents.PutEvents';
const CHUNK = Buffer.alloc(64 * 1024, ' ');
const ENTRY = { Source: 'djinn-ci', DetailType: 'cron', Detail: '{}' };

let bus: Served;
const queued: string[] = [];

beforeAll(async () => {
  const events = {
    async send(messages: readonly { readonly body: string }[]) {
      queued.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    },
  };
  bus = await serveLocally(busApp({ events, now: Date.now }), 0);
});
afterAll(() => bus.stop());

/** What a client other than the SDK gets. */
async function post(body: string, target = PUT_EVENTS) {
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
  const response = await fetch(`http://127.0.0.1:${bus.port}/`, { method: 'POST', headers, body });
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('a request that is no PutEvents', () => {
  it.each([
    ['no JSON', '{"Entries":'],
    ['nothing', ''],
    ['an array', '[]'],
    ['no list of entries', '{"Entries":{"length":1}}'],
    ['entries that are none', '{"Entries":[null]}'],
  ])('is answered in the protocol: %s', async (_, body) => {
    const expected = { __type: 'ValidationException', message: expect.stringMatching(/\w/) };
    expect(await post(body)).toEqual({ status: 400, body: expected });
  });

  it.each(['AWSEvents.PutRule', 'PutEvents', ''])('names an operation that is unknown: "%s"', async (target) => {
    expect(await post(JSON.stringify({ Entries: [ENTRY] }), target)).toMatchObject({
      status: 400,
      body: { __type: 'UnknownOperationException' },
    });
  });

  it('is left to others where it names no operation', async () => {
    expect((await fetch(`http://127.0.0.1:${bus.port}/`, { method: 'POST', body: '{}' })).status).toBe(404);
  });
});

describe('an entry of the wrong types', () => {
  it.each(['Source', 'DetailType', 'Detail', 'EventBusName', 'Time'])('is reported for its %s', async (field) => {
    for (const value of [5, true, null, {}, []]) {
      if (field === 'Time' && value === 5) continue;
      const { status, body } = await post(JSON.stringify({ Entries: [{ ...ENTRY, [field]: value }, ENTRY] }));
      const failure = { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining(field) };
      expect({ status, body }).toEqual({
        status: 200,
        body: { FailedEntryCount: 1, Entries: [failure, { EventId: expect.any(String) }] },
      });
    }
  });
});

describe('a body of more than 8 MB', () => {
  it('is refused by its length, before it has come', async () => {
    const { status, sent } = await flood({ 'content-length': 64 * LIMIT_BYTES });
    expect(status).toBe(400);
    expect(sent).toBeLessThan(2 * LIMIT_BYTES);
  });

  it('is refused while it comes, where it names no length and has no end', async () => {
    const { status, sent } = await flood({});
    expect(status).toBe(400);
    expect(sent).toBeLessThan(8 * LIMIT_BYTES);
  });
});

/** Sends a body without end, as fast as it is taken, until an answer comes; answers its status and what had been sent. */
async function flood(headers: Readonly<Record<string, number>>): Promise<{ status: number | undefined; sent: number }> {
  const url = `http://127.0.0.1:${bus.port}/`;
  const out = request(url, { method: 'POST', headers: { ...headers, 'x-amz-target': PUT_EVENTS } });
  let sent = 0;
  const body = Readable.from(
    (function* () {
      for (; sent < 16 * LIMIT_BYTES; sent += CHUNK.length) yield CHUNK;
    })(),
  );
  // The server may hang up on what it has refused.
  out.on('error', () => undefined);
  body.pipe(out);
  const [answer] = (await once(out, 'response')) as [IncomingMessage];
  body.destroy();
  out.destroy();
  return { status: answer.statusCode, sent };
}
