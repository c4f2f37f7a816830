import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addCollaborator, createToken, removeCollaborator } from '../../functions/actions/accounts.ts';
import { mintToken, SCOPES, type Scope } from '../../functions/domain/token.ts';
import { ORIGIN, read } from './api.ts';
import { type Intake, openIntake } from './intake.ts';

type Sent = { readonly id: string; readonly created_at: string; readonly url: string | null };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NOW = '2026-11-23T12:00:00.000Z';
const DETAIL_MAX_BYTES = 1023 * 1024;

let intake: Intake;

beforeAll(async () => {
  intake = await openIntake();
});
afterEach(async () => {
  expect(intake.api.bugs.splice(0)).toEqual([]);
  await intake.deliverAll();
});
afterAll(() => intake.stop());

describe('an event that is sent', () => {
  it('is on the bus, with an id and a time, and its URL leads to it', async () => {
    const sent = await read<Sent>(intake.send(intake.eventBody()), 202);
    expect(sent).toEqual({
      id: expect.stringMatching(UUID),
      type: 'cron',
      namespace_id: intake.child.id,
      created_at: NOW,
      url: `${ORIGIN}/n/admin/demo/child/-/events/${NOW}~${sent.id}`,
    });
    const detail = { namespace_id: intake.child.id, id: sent.id, created_at: NOW, payload: { action: 'created' } };
    expect(await intake.onBus()).toMatchObject([{ source: 'djinn-ci', 'detail-type': 'cron', detail }]);
    expect(await intake.deliverAll()).toEqual(['{"action":"created"}']);
    expect(await read(intake.api.call(sent.url ?? ''))).toMatchObject({ id: sent.id, type: 'cron', payload_bytes: 20 });
  });

  it('has the id and the time that the producer gives it', async () => {
    const id = randomUUID();
    const body = intake.eventBody({ id: id.toUpperCase(), created_at: '2026-11-23T12:30:00+01:00' });
    expect(await read(intake.send(body), 202)).toMatchObject({ id, created_at: '2026-11-23T11:30:00.000Z' });
    expect(await intake.onBus()).toMatchObject([{ detail: { id, created_at: '2026-11-23T11:30:00.000Z' } }]);
  });

  it('may be a few minutes ahead of our clock, and no more', async () => {
    const at = (aheadMs: number) => intake.eventBody({ created_at: new Date(Date.parse(NOW) + aheadMs).toISOString() });
    await read(intake.send(at(5 * 60_000)), 202);
    const sentence = 'Created at must not be more than 5 minutes ahead of now';
    expect(await read(intake.send(at(5 * 60_000 + 1)), 400)).toEqual({ created_at: [sentence] });
    expect(await intake.onBus()).toHaveLength(1);
  });

  it.each([
    '{ "id": 9007199254740993 , "float": 1.0, "big": -1e400 }',
    String.raw`{"escapes":"\u00e9\/\ud83d\n","raw":"é😀 ","a":1,"a":2,"__proto__":{"x":1}}`,
    `{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}": ${index}`).join(',\t')}}`,
    '{}',
  ])('arrives byte for byte: %s', async (payload) => {
    const text = `{"payload":{"not":"this"}, "namespace_id":${intake.child.id},"type":"cron",\n "pay\\u006coad": ${payload} }`;
    await read(intake.send(text), 202);
    expect(await intake.deliverAll()).toEqual([payload]);
  });
});

describe('who may send', () => {
  it.each(['owner', 'collaborator', 'producer'] as const)('the %s of a namespace or of the CI may', async (who) => {
    await read(intake.send(intake.eventBody(), { token: intake.tokens[who] }), 202);
  });

  it('event:write is enough, and every other scope is not', async () => {
    await read(intake.send(intake.eventBody(), { token: await intake.api.tokenOf('admin', ['event:write']) }), 202);
    await intake.deliverAll();
    const others: readonly Scope[] = SCOPES.filter((scope) => scope !== 'event:write');
    await intake.expectNotFound(intake.send(intake.eventBody(), { token: await intake.api.tokenOf('admin', others) }));
  });

  it.each([
    ['no token', () => null],
    ['an ill-formed token', () => 'djinn_abc'],
    ['an unknown token', () => mintToken(new Uint8Array(32))],
    ['a stranger', () => intake.tokens.stranger],
  ])('not found: %s', async (_, token) => {
    await intake.expectNotFound(intake.send(intake.eventBody(), { token: token() }));
  });

  it('not found: a token that has expired', async () => {
    const of = { username: 'admin', name: 'short', scopes: SCOPES, expiresAt: NOW };
    await intake.expectNotFound(
      intake.send(intake.eventBody(), { token: (await createToken(intake.api.accounts, of)).token }),
    );
  });

  it('without the scope, nothing is said of the request either', async () => {
    const token = await intake.api.tokenOf('admin', ['webhook:write']);
    await intake.expectNotFound(intake.send('no JSON', { token }));
    await intake.expectNotFound(intake.send(intake.eventBody(), { token, headers: { 'idempotency-key': 'a b' } }));
  });

  it.each([
    ['a namespace that does not exist', { namespace_id: 4711 }],
    ['no namespace', { namespace_id: null }],
    ['a change of namespaces', { type: 'namespaces' }],
    ['a new collaborator', { type: 'invite.accepted' }],
  ] as const)('event:write_all alone sends of %s', async (_, differences) => {
    await intake.expectNotFound(intake.send(intake.eventBody(differences)));
    const { url } = await read<Sent>(
      intake.send(intake.eventBody(differences), { token: intake.tokens.producer }),
      202,
    );
    expect(url === null).toBe('namespace_id' in differences);
    expect(await intake.onBus()).toHaveLength(1);
  });

  it('whoever may not spends no key', async () => {
    const body = intake.eventBody({ namespace_id: intake.api.namespace.id });
    await intake.expectNotFound(intake.sendOnce('spent', body, intake.tokens.stranger));
    await addCollaborator(intake.api.accounts, intake.api.namespace, 'stranger');
    await read(intake.sendOnce('spent', intake.eventBody(), intake.tokens.stranger), 202);
    await removeCollaborator(intake.api.accounts, intake.api.namespace, 'stranger');
    await intake.deliverAll();
    await intake.expectNotFound(intake.sendOnce('spent', intake.eventBody(), intake.tokens.stranger));
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
    expect(await read(intake.send(typeof body === 'string' ? body : intake.eventBody(body)), 400)).toEqual(answer);
    expect(await intake.onBus()).toEqual([]);
  });

  it('with 400: ten thousand fields that there are not, each named', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1] as const);
    const fields = await read(intake.send({ ...intake.eventBody(), ...Object.fromEntries(keys) }), 400);
    expect(Object.keys(fields)).toHaveLength(10_000);
  });

  it('with 400: bytes that are no UTF-8, rather than others in their place', async () => {
    const bytes = Buffer.from(JSON.stringify(intake.eventBody({ payload: { a: '§' } })));
    bytes[bytes.indexOf('§')] = 0xff;
    const init = { method: 'POST', headers: { authorization: `Bearer ${intake.tokens.owner}` }, body: bytes };
    const headers = { ...init.headers, 'content-type': 'application/json' };
    expect(await read(intake.api.request('/events', { ...init, headers }), 400)).toEqual({
      message: 'The body is not valid UTF-8',
    });
  });

  it('with 415: another content type', async () => {
    await read(intake.send(intake.eventBody(), { headers: { 'content-type': 'text/plain' } }), 415);
  });

  it.each([
    { 'user-agent': 'Djinn-CI-Hook' },
    { 'user-agent': 'djinn-ci-hook/2 (+https://ci.example)' },
    { 'x-djinn-ci-event': 'cron' },
    { 'X-Djinn-CI-Delivery': randomUUID() },
  ])('with 400: what came from a webhook of ours, by %j', async (headers) => {
    const answer = await read(intake.send(intake.eventBody(), { headers }), 400);
    expect(answer).toEqual({ message: expect.stringMatching(/^This is a delivery of a webhook/) });
    expect(await intake.onBus()).toEqual([]);
    await intake.expectNotFound(intake.send(intake.eventBody(), { headers, token: null }));
  });

  it.each(['', 'a b', 'x'.repeat(256), 'é'])('with 400: the Idempotency-Key %j', async (key) => {
    expect(await read(intake.sendOnce(key), 400)).toEqual({
      message: expect.stringMatching(/^Idempotency-Key must be 1 to/),
    });
    expect(await intake.onBus()).toEqual([]);
  });
});

describe('the size of an event', () => {
  /** A body whose event has so many bytes on the bus, most of them of characters of three bytes. */
  function bodyOf(bytes: number) {
    const head = { namespace_id: intake.child.id, id: randomUUID(), created_at: NOW };
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
      await read(intake.send(body), 202);
      expect(await intake.deliverAll()).toEqual([JSON.stringify(body.payload)]);
    }
  });

  it('may not be one byte more, whether or not the producer gives it an id; and no key is spent', async () => {
    const { id, created_at, ...nameless } = bodyOf(DETAIL_MAX_BYTES + 1);
    expect(await read(intake.sendOnce('large', { id, created_at, ...nameless }), 413)).toEqual(TOO_LARGE);
    expect(await read(intake.sendOnce('large', nameless), 413)).toEqual(TOO_LARGE);
    expect(await intake.onBus()).toEqual([]);
    await read(intake.sendOnce('large'), 202);
  });

  it('of the body may be 1 MB, white space included', async () => {
    const text = JSON.stringify(intake.eventBody());
    const padded = (bytes: number) => text + ' '.repeat(bytes - text.length);
    await read(intake.send(padded(1024 * 1024)), 202);
    expect(await read(intake.send(padded(1024 * 1024 + 1)), 413)).toEqual({
      message: 'The body must be at most 1024 KB',
    });
  });
});
