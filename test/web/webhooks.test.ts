import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { type Api, followPages, ORIGIN, openApi, read, WEBHOOKS } from './api.ts';

type Entity = {
  readonly id: number;
  readonly url: string;
  readonly events: readonly string[];
  readonly ssl: boolean;
  readonly active: boolean;
  readonly has_secret: boolean;
  readonly namespace: Readonly<Record<string, string>>;
};

let api: Api;
let urls = 0;

beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

function create(body: Readonly<Record<string, unknown>> = {}, at = WEBHOOKS): Promise<Entity> {
  urls += 1;
  const payload_url = `https://receiver.example/${urls}`;
  return read<Entity>(api.call(at, { method: 'POST', body: { payload_url, ...body } }), 201);
}

async function namespaceOfItsOwn(path: string): Promise<string> {
  await ensureNamespace(api.accounts, { username: 'admin', path });
  return `/n/admin/${path}/-/webhooks`;
}

describe('creating a webhook', () => {
  it('answers every field of the entity', async () => {
    const body = {
      payload_url: 'https://receiver.example/hook?a=b',
      secret: 's',
      ssl: true,
      active: false,
      events: ['cron', 'build.started', 'cron'],
    };
    const created = await read(api.call(WEBHOOKS, { method: 'POST', body }), 201);
    const { owner, id: namespaceId } = api.namespace;
    const namespaceUrl = `${ORIGIN}/n/admin/demo`;
    expect(created).toEqual({
      id: expect.any(Number),
      author_id: owner.id,
      user_id: owner.id,
      namespace_id: namespaceId,
      payload_url: body.payload_url,
      ssl: true,
      has_secret: true,
      previous_secret_until: null,
      events: ['build.started', 'cron'],
      active: false,
      failing_since: null,
      deactivation: null,
      missed_since: null,
      paused_until: null,
      circuit_breaker: { state: 'closed', opened_at: null, next_probe_at: null },
      url: `${ORIGIN}${WEBHOOKS}/${created['id']}`,
      namespace: expect.objectContaining({
        id: namespaceId,
        user_id: owner.id,
        root_id: namespaceId,
        parent_id: null,
        name: 'demo',
        path: 'demo',
        description: '',
        visibility: 'private',
        created_at: '2026-11-23T12:00:00.000Z',
        url: namespaceUrl,
        webhooks_url: `${namespaceUrl}/-/webhooks`,
        collaborators_url: `${namespaceUrl}/-/collaborators`,
        user: { email: 'admin@localhost', username: 'admin', created_at: '2026-11-23T12:00:00.000Z' },
        parent: null,
        build: null,
      }),
      last_response: null,
      created_at: '2026-11-23T12:00:00.000Z',
    });
  });

  it('answers urls that can be followed', async () => {
    const created = await create();
    expect(await read(api.call(created.url))).toEqual(created);
    expect(await read<Entity[]>(api.call(created.namespace['webhooks_url'] ?? ''))).toContainEqual(created);
  });

  it('fills in the defaults, for null as for what is omitted', async () => {
    const defaults = { ssl: true, active: true, has_secret: false, events: EVENT_TYPES };
    expect(await create()).toMatchObject(defaults);
    expect(await create({ secret: null, ssl: null, active: null, events: null })).toMatchObject(defaults);
    expect(await create({ secret: '', events: [] })).toMatchObject(defaults);
    expect(await create({ payload_url: 'http://receiver.example/plain' })).toMatchObject({ ...defaults, ssl: false });
  });

  it('never shows the secret again, in no answer', async () => {
    const at = await namespaceOfItsOwn('discreet');
    const body = { payload_url: 'https://receiver.example/discreet', secret: 'do-not-show-me' };
    const created = await api.call(at, { method: 'POST', body });
    const [webhook] = await read<Entity[]>(api.call(at));
    for (const answer of [created, await api.call(at), await api.call(webhook?.url ?? '')]) {
      const text = await answer.text();
      expect(text).toContain('"has_secret":true');
      expect(text.replace(/"has_secret":true|"previous_secret_until":null/g, '')).not.toMatch(/secret|do-not-show-me/);
    }
  });

  it('takes a secret of 256 bytes', async () => {
    expect(await create({ secret: 'é'.repeat(128) })).toMatchObject({ has_secret: true });
  });

  it('names the author, who need not be the owner', async () => {
    await api.tokenOf('colleague');
    const Item = { pk: `NAMESPACE#${api.namespace.rootId}`, sk: 'COLLABORATOR#colleague' };
    await api.table.db.send(new PutCommand({ TableName: api.table.name, Item }));
    const body = { payload_url: 'https://receiver.example/colleague' };
    const token = await api.tokenOf('colleague');
    const author = await api.accounts.users.get('colleague');
    expect(await read(api.call(WEBHOOKS, { method: 'POST', token, body }), 201)).toMatchObject({
      author_id: author?.id,
      user_id: api.namespace.owner.id,
    });
  });
});

describe('a payload URL', () => {
  const taken = { payload_url: ['Payload URL is used by another webhook of this namespace'] };

  it.each([
    ['https://one.example/hook', 'https://one.example/hook'],
    ['https://two.example/hook', 'HTTPS://Two.Example:443/hook'],
    ['https://three.example', 'https://three.example./'],
  ])('is taken once in a namespace, however it is spelled: %s, %s', async (first, second) => {
    await create({ payload_url: first });
    expect(await read(api.call(WEBHOOKS, { method: 'POST', body: { payload_url: second } }), 400)).toEqual(taken);
  });

  it('may be used again in another namespace', async () => {
    const other = await namespaceOfItsOwn('demo/child');
    const { id } = await create({ payload_url: 'https://shared.example/hook' });
    const { id: otherId } = await create({ payload_url: 'https://shared.example/hook' }, other);
    expect(otherId).not.toBe(id);
  });

  it('is taken once by requests that come at the same time', async () => {
    const body = { payload_url: 'https://race.example/hook' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.call(WEBHOOKS, { method: 'POST', body })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(400)]);
  });
});

describe('showing a webhook', () => {
  it.each(['0', '-1', '+1', '01', '1.0', '1e0', 'abc', '%20', '9007199254740992', '9'.repeat(40)])(
    'knows no id %s',
    async (id) => {
      for (const path of [`${WEBHOOKS}/${id}`, `${WEBHOOKS}/${id}/deliveries`]) {
        expect(await read(api.call(path), 404)).toEqual({ message: 'Not found' });
      }
    },
  );
});

describe('listing webhooks', () => {
  it('pages through all of them by id, each once', async () => {
    const at = await namespaceOfItsOwn('pages');
    const ids: number[] = [];
    for (let made = 0; made < 7; made++) ids.push((await create({}, at)).id);
    for (const [perPage, sizes] of [
      [1, [1, 1, 1, 1, 1, 1, 1]],
      [3, [3, 3, 1]],
      [7, [7]],
      [100, [7]],
    ] as const) {
      const pages = await followPages<Entity>(api, `${at}?per_page=${perPage}`);
      expect(pages.map((page) => page.length)).toEqual(sizes);
      expect(pages.flat().map(({ id }) => id)).toEqual(ids);
    }
  });

  it('is empty where there are none, with no link', async () => {
    const answer = await api.call(await namespaceOfItsOwn('empty'));
    expect(answer.headers.get('link')).toBeNull();
    expect(await answer.json()).toEqual([]);
  });

  it.each(['per_page=0', 'per_page=101', 'per_page=abc', 'per_page=', 'per_page=-1', 'per_page=1.5'])(
    'refuses %s',
    async (query) => {
      const sentence = 'per_page must be a whole number from 1 to 100';
      expect(await read(api.call(`${WEBHOOKS}?${query}`), 400)).toEqual({ message: sentence });
    },
  );

  it.each(['abc', '', '-1', '1x', '9'.repeat(30)])('refuses the cursor "%s"', async (cursor) => {
    const sentence = 'cursor must be one that a Link header gave';
    expect(await read(api.call(`${WEBHOOKS}?cursor=${cursor}`), 400)).toEqual({ message: sentence });
  });
});
