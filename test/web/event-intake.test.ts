import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addCollaborator, createToken, ensureNamespace } from '../../functions/actions/accounts.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { mintToken, SCOPES, type Scope, USER_SCOPES } from '../../functions/domain/token.ts';
import { intercept } from '../support/failing.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Api, type Call, ORIGIN, openApi, read } from './api.ts';

type Sent = { readonly id: string; readonly created_at: string; readonly url: string | null };
type Message = { readonly 'detail-type': string; readonly source: string; readonly detail: Record<string, unknown> };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NOW = '2026-11-23T12:00:00.000Z';
const DAY_MS = 24 * 60 * 60 * 1000;
const DETAIL_MAX_BYTES = 1023 * 1024;

let api: Api;
let receiver: Receiver;
let child: Namespace;
let tokens: Readonly<Record<'owner' | 'collaborator' | 'stranger' | 'producer', string>>;

beforeAll(async () => {
  [api, receiver] = await Promise.all([openApi(), startReceiver()]);
  child = await ensureNamespace(api.accounts, { username: 'admin', path: 'demo/child' });
  tokens = {
    owner: await api.tokenOf('admin', USER_SCOPES),
    collaborator: await api.tokenOf('collaborator', USER_SCOPES),
    stranger: await api.tokenOf('stranger', USER_SCOPES),
    producer: await api.tokenOf('producer'),
  };
  await addCollaborator(api.accounts, api.namespace, 'collaborator');
  await api.addWebhook({ payload_url: receiver.url }, child);
});
afterEach(async () => {
  expect(api.bugs.splice(0)).toEqual([]);
  await deliverAll();
});
afterAll(async () => {
  await receiver.stop();
  await api.stop();
});

function send(body: unknown, call: Call = {}): Promise<Response> {
  return api.call('/events', { method: 'POST', token: tokens.owner, body, ...call });
}

function eventBody(differences: object = {}) {
  return { type: 'cron', namespace_id: child.id, payload: { action: 'created' }, ...differences };
}

/** Sends under a key. */
function sendOnce(key: string, body: unknown = eventBody(), token = tokens.owner): Promise<Response> {
  return send(body, { token, headers: { 'idempotency-key': key } });
}

/** The events that are on the bus, as the rule put them into the queue. */
function onBus(): readonly Message[] {
  return api.inspect('events').ready.map((body) => JSON.parse(body) as Message);
}

/** Works off what is on the bus; answers the bodies that the receiver got of it. */
async function deliverAll(): Promise<readonly string[]> {
  const before = receiver.received.length;
  await api.drain('events', api.handlers.ingest);
  await api.drain('deliveries', api.handlers.deliver);
  return receiver.received.slice(before).map(({ body }) => body.toString());
}

/** As 500 by whom the bus or the table fails, whose cause goes to the operator alone. */
async function expectOurFault(answer: Promise<Response>, cause: RegExp): Promise<void> {
  expect(await read(answer, 500)).toEqual({ message: 'Something went wrong on our side. Please try again' });
  expect(api.bugs.splice(0).map(({ message }) => message)).toEqual([expect.stringMatching(cause)]);
}

async function expectNotFound(answer: Promise<Response>): Promise<void> {
  expect(await read(answer, 404)).toEqual({ message: 'Not found' });
  expect(onBus()).toEqual([]);
}

describe('an event that is sent', () => {
  it('is on the bus, with an id and a time, and its URL leads to it', async () => {
    const sent = await read<Sent>(send(eventBody()), 202);
    expect(sent).toEqual({
      id: expect.stringMatching(UUID),
      type: 'cron',
      namespace_id: child.id,
      created_at: NOW,
      url: `${ORIGIN}/n/admin/demo/child/-/events/${NOW}~${sent.id}`,
    });
    const detail = { namespace_id: child.id, id: sent.id, created_at: NOW, payload: { action: 'created' } };
    expect(onBus()).toMatchObject([{ source: 'djinn-ci', 'detail-type': 'cron', detail }]);
    expect(await deliverAll()).toEqual(['{"action":"created"}']);
    expect(await read(api.call(sent.url ?? ''))).toMatchObject({ id: sent.id, type: 'cron', payload_bytes: 20 });
  });

  it('has the id and the time that the producer gives it', async () => {
    const id = randomUUID();
    const body = eventBody({ id: id.toUpperCase(), created_at: '2026-11-23T12:30:00+01:00' });
    expect(await read(send(body), 202)).toMatchObject({ id, created_at: '2026-11-23T11:30:00.000Z' });
    expect(onBus()).toMatchObject([{ detail: { id, created_at: '2026-11-23T11:30:00.000Z' } }]);
  });

  it.each([
    '{ "id": 9007199254740993 , "float": 1.0, "big": -1e400 }',
    String.raw`{"escapes":"\u00e9\/\ud83d\n","raw":"é😀 ","a":1,"a":2,"__proto__":{"x":1}}`,
    `{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}": ${index}`).join(',\t')}}`,
    '{}',
  ])('arrives byte for byte: %s', async (payload) => {
    const text = `{"payload":{"not":"this"}, "namespace_id":${child.id},"type":"cron",\n "pay\\u006coad": ${payload} }`;
    await read(send(text), 202);
    expect(await deliverAll()).toEqual([payload]);
  });
});

describe('who may send', () => {
  it.each(['owner', 'collaborator', 'producer'] as const)('the %s of a namespace or of the CI may', async (who) => {
    await read(send(eventBody(), { token: tokens[who] }), 202);
  });

  it('event:write is enough, and every other scope is not', async () => {
    await read(send(eventBody(), { token: await api.tokenOf('admin', ['event:write']) }), 202);
    await deliverAll();
    const others: readonly Scope[] = SCOPES.filter((scope) => scope !== 'event:write');
    await expectNotFound(send(eventBody(), { token: await api.tokenOf('admin', others) }));
  });

  it.each([
    ['no token', () => null],
    ['an ill-formed token', () => 'djinn_abc'],
    ['an unknown token', () => mintToken(new Uint8Array(32))],
    ['a stranger', () => tokens.stranger],
  ])('not found: %s', async (_, token) => {
    await expectNotFound(send(eventBody(), { token: token() }));
  });

  it('not found: a token that has expired', async () => {
    const of = { username: 'admin', name: 'short', scopes: SCOPES, expiresAt: NOW };
    await expectNotFound(send(eventBody(), { token: (await createToken(api.accounts, of)).token }));
  });

  it('without the scope, nothing is said of the request either', async () => {
    const token = await api.tokenOf('admin', ['webhook:write']);
    await expectNotFound(send('no JSON', { token }));
    await expectNotFound(send(eventBody(), { token, headers: { 'idempotency-key': 'a b' } }));
  });

  it.each([
    ['a namespace that does not exist', { namespace_id: 4711 }],
    ['no namespace', { namespace_id: null }],
    ['a change of namespaces', { type: 'namespaces' }],
    ['a new collaborator', { type: 'invite.accepted' }],
  ] as const)('event:write_all alone sends of %s', async (_, differences) => {
    await expectNotFound(send(eventBody(differences)));
    const { url } = await read<Sent>(send(eventBody(differences), { token: tokens.producer }), 202);
    expect(url === null).toBe('namespace_id' in differences);
    expect(onBus()).toHaveLength(1);
  });

  it('whoever may not spends no key', async () => {
    const body = eventBody({ namespace_id: api.namespace.id });
    await expectNotFound(sendOnce('spent', body, tokens.stranger));
    await addCollaborator(api.accounts, api.namespace, 'stranger');
    await read(sendOnce('spent', eventBody(), tokens.stranger), 202);
    await api.accounts.namespaces.removeCollaborator(api.namespace.id, 'stranger');
    await deliverAll();
    await expectNotFound(sendOnce('spent', eventBody(), tokens.stranger));
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', '', { message: 'The body is not valid JSON' }],
    ['a list', '[]', { message: 'The body must be a JSON object' }],
    ['no fields', '{}', expect.objectContaining({ type: ['Type is required'] })],
    ['a payload in text', { payload: '{}' }, { payload: ['Payload must be a JSON object'] }],
    ['a payload that is a list', { payload: [] }, { payload: ['Payload must be a JSON object'] }],
    ['deep nesting', `{"type":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, expect.objectContaining({})],
    ['a prototype', '{"__proto__":{"type":"cron"}}', expect.objectContaining({ type: ['Type is required'] })],
  ])('with 400: %s', async (_, body, answer) => {
    expect(await read(send(typeof body === 'string' ? body : eventBody(body)), 400)).toEqual(answer);
    expect(onBus()).toEqual([]);
  });

  it('with 400: ten thousand fields that there are not, each named', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1] as const);
    const fields = await read(send({ ...eventBody(), ...Object.fromEntries(keys) }), 400);
    expect(Object.keys(fields)).toHaveLength(10_000);
  });

  it('with 400: bytes that are no UTF-8, rather than others in their place', async () => {
    const bytes = Buffer.from(JSON.stringify(eventBody({ payload: { a: '§' } })));
    bytes[bytes.indexOf('§')] = 0xff;
    const init = { method: 'POST', headers: { authorization: `Bearer ${tokens.owner}` }, body: bytes };
    const headers = { ...init.headers, 'content-type': 'application/json' };
    expect(await read(api.request('/events', { ...init, headers }), 400)).toEqual({
      message: 'The body is not valid UTF-8',
    });
  });

  it('with 415: another content type', async () => {
    await read(send(eventBody(), { headers: { 'content-type': 'text/plain' } }), 415);
  });

  it.each(['', 'a b', 'x'.repeat(256), 'é'])('with 400: the Idempotency-Key %j', async (key) => {
    expect(await read(sendOnce(key), 400)).toEqual({ message: expect.stringMatching(/^Idempotency-Key must be 1 to/) });
    expect(onBus()).toEqual([]);
  });
});

describe('the size of an event', () => {
  /** A body whose event has so many bytes on the bus, most of them of characters of three bytes. */
  function bodyOf(bytes: number) {
    const head = { namespace_id: child.id, id: randomUUID(), created_at: NOW };
    const rest = bytes - Buffer.byteLength(JSON.stringify({ ...head, payload: { a: '' } }));
    return {
      ...head,
      type: 'build.submitted',
      payload: { a: '€'.repeat(Math.floor(rest / 3)) + 'x'.repeat(rest % 3) },
    };
  }
  const TOO_LARGE = { message: expect.stringMatching(/^The event must be at most 1023 KB, its payload, id/) };

  it('may be 1,023 KB with id, time and namespace, and gets through to the receiver', async () => {
    for (const bytes of [DETAIL_MAX_BYTES - 1, DETAIL_MAX_BYTES]) {
      const body = bodyOf(bytes);
      await read(send(body), 202);
      expect(await deliverAll()).toEqual([JSON.stringify(body.payload)]);
    }
  });

  it('may not be one byte more, whether or not the producer gives it an id; and no key is spent', async () => {
    const { id, created_at, ...nameless } = bodyOf(DETAIL_MAX_BYTES + 1);
    expect(await read(sendOnce('large', { id, created_at, ...nameless }), 413)).toEqual(TOO_LARGE);
    expect(await read(sendOnce('large', nameless), 413)).toEqual(TOO_LARGE);
    expect(onBus()).toEqual([]);
    await read(sendOnce('large'), 202);
  });

  it('of the body may be 1 MB, white space included', async () => {
    const text = JSON.stringify(eventBody());
    const padded = (bytes: number) => text + ' '.repeat(bytes - text.length);
    await read(send(padded(1024 * 1024)), 202);
    expect(await read(send(padded(1024 * 1024 + 1)), 413)).toEqual({ message: 'The body must be at most 1024 KB' });
  });
});

describe('an Idempotency-Key', () => {
  it('makes of a request and its repetitions one event, with one answer', async () => {
    const first = await read(sendOnce('repeated'), 202);
    api.clock.nowMs += 1_000;
    expect(await read(sendOnce('repeated'), 202)).toEqual(first);
    expect(onBus().map(({ detail }) => detail['id'])).toEqual([first['id'], first['id']]);
    expect(await deliverAll()).toHaveLength(1);
    expect(await read(sendOnce('repeated'), 202)).toEqual(first);
    expect(await deliverAll()).toEqual([]);
  });

  it('is a user’s own', async () => {
    const first = await read(sendOnce('own'), 202);
    const other = await read(sendOnce('own', eventBody(), tokens.collaborator), 202);
    expect(other['id']).not.toBe(first['id']);
  });

  it('is refused with 422 for another body, which sends nothing', async () => {
    await read(sendOnce('reused'), 202);
    await deliverAll();
    expect(await read(sendOnce('reused', eventBody({ payload: {} })), 422)).toEqual({
      message: 'This Idempotency-Key came with another body before. Send a new event with a new key',
    });
    expect(onBus()).toEqual([]);
  });

  it('is good for a day', async () => {
    const first = await read(sendOnce('day'), 202);
    api.clock.nowMs += DAY_MS + 1_000;
    expect((await read(sendOnce('day', eventBody({ payload: {} })), 202))['id']).not.toBe(first['id']);
  });

  it('makes of many requests at once one event', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => read(sendOnce('at-once'), 202)));
    expect(new Set(answers.map(({ id, created_at }) => `${id} ${created_at}`)).size).toBe(1);
    expect(await deliverAll()).toHaveLength(1);
  });

  it('lets one of two bodies at once through', async () => {
    const bodies = [eventBody({ payload: { n: 1 } }), eventBody({ payload: { n: 2 } })];
    const answers = await Promise.all(bodies.map((body) => sendOnce('two-bodies', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422]);
    expect(await deliverAll()).toHaveLength(1);
  });
});

describe('what fails on our side', () => {
  const cut = async () => {
    throw new Error('The line is cut');
  };

  it('between the key and the bus is healed by the repetition: the same event, once', async () => {
    const undo = intercept(api.world.eventbridge, 'PutEvents', cut);
    await expectOurFault(sendOnce('crash').finally(undo), /The line is cut/);
    expect(onBus()).toEqual([]);
    const createdAt = new Date(api.clock.nowMs).toISOString();
    api.clock.nowMs += 60_000;
    expect(await read(sendOnce('crash'), 202)).toMatchObject({ created_at: createdAt });
    expect(await deliverAll()).toHaveLength(1);
  });

  it('after the bus, when the answer is lost, is healed by the repetition', async () => {
    const undo = intercept(api.world.eventbridge, 'PutEvents', async (_, put) => {
      await put();
      throw new Error('The answer is lost');
    });
    await expectOurFault(sendOnce('lost').finally(undo), /The answer is lost/);
    await read(sendOnce('lost'), 202);
    expect(await deliverAll()).toHaveLength(1);
  });

  it('where the bus refuses, in an answer of 200, is no success', async () => {
    const refusal = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'No.' }] };
    const undo = intercept(api.world.eventbridge, 'PutEvents', async () => ({ output: refusal }));
    await expectOurFault(send(eventBody()).finally(undo), /^InternalFailure: No\.$/);
    expect(onBus()).toEqual([]);
  });

  it('where the key cannot be kept sends nothing', async () => {
    const undo = intercept(api.world.dynamodb, 'PutItem', cut);
    await expectOurFault(sendOnce('unkept').finally(undo), /The line is cut/);
    expect(onBus()).toEqual([]);
  });
});
