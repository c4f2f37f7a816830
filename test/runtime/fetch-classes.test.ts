import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ours from '../../functions/runtime/fetch-classes.ts';

const NODES = { Headers: globalThis.Headers, Request: globalThis.Request, Response: globalThis.Response };

/** What becomes of something: an answer, or the kind of an error. */
async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return { answer: await run() };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

/** Does the same with our classes and with Node's. */
async function same(run: (classes: typeof NODES) => unknown): Promise<void> {
  const theirs = await outcome(() => run(NODES));
  expect(await outcome(() => run(ours as unknown as typeof NODES))).toEqual(theirs);
}

const NAMES = ['Content-Type', 'content-type', 'Set-Cookie', 'x-a', 'X-A', 'a b', '', 'é', 'x:y', 'cookie'];
const VALUES = ['', ' a ', 'b', '\ta\r\n', 'a\nb', 'a\rb', 'a\0b', 'é', '€', 'a, b', 'a=1; Path=/', '\x01', '\u00a0a'];
const steps = fc.array(
  fc.record({
    act: fc.constantFrom('set' as const, 'append' as const, 'delete' as const),
    name: fc.constantFrom(...NAMES),
    value: fc.oneof(fc.constantFrom(...VALUES), fc.string()),
  }),
);

/** All that headers tell. */
function told(headers: Headers) {
  const each: unknown[] = [];
  headers.forEach((value, name) => {
    each.push([name, value]);
  });
  const gets = ['CONTENT-TYPE', 'x-a', 'set-cookie', 'nothing'].map((name) => [headers.get(name), headers.has(name)]);
  return { all: [...headers], entries: [...headers.entries()], each, gets, cookies: headers.getSetCookie() };
}

describe('the headers of the bundles', () => {
  it('do as Node’s do, step by step', async () => {
    await fc.assert(
      fc.asyncProperty(steps, (acts) =>
        same(async ({ Headers }) => {
          const headers = new Headers();
          const outcomes = [];
          for (const { act, name, value } of acts) outcomes.push(await outcome(() => headers[act](name, value)));
          return { outcomes, ...told(headers) };
        }),
      ),
    );
  });

  it.each([
    [[['b', '2'] as const, ['a', '1'] as const, ['B', '3'] as const]],
    [{ b: '2', a: '1' }],
    [{ 'not a name': '1' }],
    [undefined],
    [new Map([['a', 'x']])],
  ])('are made of %j as Node’s are', async (init) => {
    await same(({ Headers }) => told(new Headers(init as Record<string, string>)));
    await same(({ Headers }) => told(new Headers(new Headers(init as Record<string, string>))));
  });
});

/** A body of a request, which is a stream to Node and a list to us: either is gone through. */
async function piecesOf(request: Request): Promise<string | null> {
  if (request.body === null) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of request.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('hex');
}

describe('the requests of the bundles', () => {
  it.each([
    [
      'https://hooks.example/a/../b%2Fc/é?q=1&q=a b',
      { method: 'post', body: Buffer.from('{"a":1}'), headers: { 'Content-Type': 'a/b' } },
    ],
    ['https://HOOKS.example:443', { method: 'patch' }],
    ['https://hooks.example/', { method: 'GET', body: Buffer.from('a') }],
    ['https://hooks.example/', { method: 'head', body: Buffer.from('a') }],
    ['https://hooks.example/', { method: 'DELETE', body: Buffer.from('a') }],
    ['https://hooks.example/', { method: 'trace' }],
    ['https://hooks.example/', { method: 'a b' }],
    ['https://hooks.example/', { headers: { cookie: 'a=1; b=2', host: 'x' } }],
    ['https://user:word@hooks.example/', {}],
    ['https://undefined:port/', {}],
    ['/path', {}],
  ])('read %s, %j, as Node’s do', async (url, init) => {
    await same(async ({ Request }) => {
      const request = new Request(url, init);
      return {
        url: request.url,
        method: request.method,
        headers: told(request.headers),
        body: await piecesOf(request),
      };
    });
  });
});

const BODIES = {
  none: undefined,
  null: null,
  empty: '',
  text: 'straße, \ud800 and \u{1f600}',
  bytes: Buffer.from('\ufeffbytes of it'),
  buffer: new Uint8Array([0, 255, 128]).buffer,
  object: Object('<p>a string that is an object</p>'),
};
const INITS = [
  undefined,
  {},
  { status: 204 },
  { status: 404 },
  { status: 199 },
  { status: 600 },
  { status: 304 },
].concat(
  { status: 201, headers: { 'Content-Type': 'text/html' } } as object,
  {
    headers: [
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
    ],
  } as object,
);
const responses = Object.entries(BODIES).flatMap(([what, body]) => INITS.map((init) => ({ what, body, init })));

describe('the responses of the bundles', () => {
  it.each(responses)('say with a body of $what and $init what Node’s say', async ({ body, init }) => {
    const say = async (response: Response) => ({
      status: response.status,
      ok: response.ok,
      headers: told(response.headers),
      hasBody: response.body !== null,
    });
    await same(async ({ Response }) => say(new Response(body, init)));
    await same(async ({ Response }) => new Response(body, init).text());
    await same(async ({ Response }) => Buffer.from(await new Response(body, init).arrayBuffer()).toString('hex'));
    // As the library does where a header is added after the answer.
    await same(async ({ Response }) => {
      const first = new Response(body, init);
      first.headers.delete('content-type');
      return say(new Response(first.body, first));
    });
  });
});
