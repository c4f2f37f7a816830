import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureNamespace, removeCollaborator } from '../../functions/actions/accounts.ts';
import { listNamespaces } from '../../functions/actions/namespaces.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { busEvent } from '../support/deployment.ts';
import { type CiNamespace, namespaceEvent, namespacePayload, timeAt } from '../support/directory.ts';
import { type Answer, type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { type Api, ORIGIN, openApi, read } from '../web/api.ts';

let api: Api;
let receiver: Receiver;
let token: string;
let answer: Answer;
/** The CI's ids and users of each test are its own. */
let nextId = 1000;
let user: string;

beforeAll(async () => {
  api = await openApi();
  receiver = await startReceiver((...request) => answer(...request));
});
beforeEach(async () => {
  answer = (response) => response.writeHead(204).end();
  user = `user-${nextId}`;
  token = await api.tokenOf(user);
});
afterAll(async () => {
  await receiver.stop();
  await api.stop();
  expect(api.bugs).toEqual([]);
});

function ciNamespace(path: string, parent?: CiNamespace): CiNamespace {
  return { id: nextId++, path, user, parent };
}

/** Takes events through ingest, each in its own batch and in this order; none of them may come back. */
async function ingest(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    const message = { messageId: randomUUID(), body };
    expect(await api.handlers.ingest({ Records: [message] })).toEqual({ batchItemFailures: [] });
  }
}

const deliver = () => api.drain('deliveries', api.handlers.deliver);

async function statusOf(path: string, as = token): Promise<number> {
  return (await api.call(path, { token: as })).status;
}

type Shown = { readonly id: number; readonly url: string; readonly parent: Shown | null; readonly build: null };

async function addWebhook(path: string, target: string): Promise<Shown> {
  const body = { payload_url: `${receiver.url}/${target}`, secret: 's3cret' };
  return read(api.call(`/n/${user}/${path}/-/webhooks`, { method: 'POST', body, token }), 201);
}

function accepted(namespace: CiNamespace, friend: string, second: number): string {
  const payload = { invitee: { username: friend, email: 'f@ci.example' }, namespace: namespacePayload(namespace) };
  const at = { namespaceId: namespace.id, id: randomUUID(), createdAt: timeAt(second) };
  return busEvent({ ...at, type: 'invite.accepted', payload: JSON.stringify(payload) });
}

function receivedAt(target: string): readonly Received[] {
  return receiver.received.filter(({ path }) => path === `/${target}`);
}

describe('a namespace that the CI', () => {
  it('creates is reached by its owner, with its parents', async () => {
    const root = ciNamespace('web');
    const child = ciNamespace('web/shop', root);
    expect(await statusOf(`/n/${user}/web`)).toBe(404);
    await ingest(namespaceEvent('created', root, { second: 1 }), namespaceEvent('created', child, { second: 2 }));
    const shown = await read<Shown>(api.call(`/n/${user}/web/shop`, { token }));
    expect(shown).toMatchObject({
      ...{ id: child.id, user_id: 500, root_id: root.id, parent_id: root.id, name: 'shop', path: 'web/shop' },
      ...{ visibility: 'internal', created_at: '2026-11-01T00:00:00.000Z', build: null },
      user: { username: user, email: `${user}@ci.example`, created_at: '2026-10-01T00:00:00.000Z' },
      parent: { id: root.id, path: 'web', parent: null, build: null, url: `${ORIGIN}/n/${user}/web` },
    });
    expect(await statusOf(`/n/${user}/web`, await api.tokenOf('stranger'))).toBe(404);
  });

  it('renames is found by its new path, its children too, and what was sent to them stays theirs', async () => {
    const root = ciNamespace('old');
    const child = ciNamespace('old/child', root);
    const leaf = ciNamespace('old/child/leaf', child);
    await ingest(...[root, child, leaf].map((one, index) => namespaceEvent('created', one, { second: index })));
    const webhook = await addWebhook('old/child/leaf', `leaf-${leaf.id}`);
    await ingest(namespaceEvent('updated', { ...root, path: 'new' }, { second: 10 }));
    for (const path of ['old', 'old/child', 'old/child/leaf']) expect(await statusOf(`/n/${user}/${path}`)).toBe(404);
    for (const path of ['new', 'new/child', 'new/child/leaf']) expect(await statusOf(`/n/${user}/${path}`)).toBe(200);
    const url = `${ORIGIN}/n/${user}/new/child/leaf/-/webhooks/${webhook.id}`;
    expect(await read(api.call(url, { token }))).toMatchObject({ url, namespace: { path: 'new/child/leaf' } });
    await ingest(busEvent({ namespaceId: leaf.id, id: randomUUID() }));
    await deliver();
    expect(receivedAt(`leaf-${leaf.id}`)).toHaveLength(1);
  });

  it('gives to another owner is that one’s, its children too', async () => {
    const root = ciNamespace('given');
    const child = ciNamespace('given/child', root);
    await ingest(namespaceEvent('created', root, { second: 1 }), namespaceEvent('created', child, { second: 2 }));
    const heir = `heir-${root.id}`;
    const theirs = await api.tokenOf(heir);
    await ingest(namespaceEvent('updated', { ...root, user: heir }, { second: 3 }));
    for (const path of ['given', 'given/child']) {
      expect(await statusOf(`/n/${user}/${path}`)).toBe(404);
      expect(await statusOf(`/n/${heir}/${path}`, theirs)).toBe(200);
      expect(await statusOf(`/n/${heir}/${path}`)).toBe(404);
    }
  });

  it('moves below another is in that one’s tree, with all below it: its collaborators reach them, and the old ones do not', async () => {
    const [left, joined] = [ciNamespace('left'), ciNamespace('joined')];
    const moved = ciNamespace('left/moved', left);
    const leaf = ciNamespace('left/moved/leaf', moved);
    await ingest(
      ...[left, joined, moved, leaf].map((one, index) => namespaceEvent('created', one, { second: index })),
      ...[left, joined].map((root) => accepted(root, `of-${root.id}`, 5)),
    );
    const [before = '', after = ''] = await Promise.all([left, joined].map(({ id }) => api.tokenOf(`of-${id}`)));
    await ingest(namespaceEvent('updated', { ...moved, path: 'joined/moved', parent: joined }, { second: 10 }));
    for (const path of ['joined/moved', 'joined/moved/leaf']) {
      expect(await statusOf(`/n/${user}/${path}`, after)).toBe(200);
      expect(await statusOf(`/n/${user}/${path}`, before)).toBe(404);
      expect(await read(api.call(`/n/${user}/${path}`, { token }))).toMatchObject({ root_id: joined.id });
    }
    const listed = await listNamespaces(api.accounts, {
      user: { id: 0, username: `of-${joined.id}`, email: '', createdAt: '' },
    });
    expect(listed.rows.map(({ namespace: { path } }) => path)).toEqual(['joined', 'joined/moved', 'joined/moved/leaf']);
  });

  it('was told of by hand keeps its webhooks when the CI speaks of it', async () => {
    const { id } = ciNamespace('by-hand');
    await ensureNamespace(api.accounts, { username: user, path: 'by-hand', id });
    const { id: webhookId } = await addWebhook('by-hand', 'by-hand');
    await ingest(namespaceEvent('updated', { id, path: 'by-ci', user }, { second: 1 }));
    expect(await read(api.call(`/n/${user}/by-ci/-/webhooks`, { token }))).toMatchObject([{ id: webhookId }]);
    expect(await statusOf(`/n/${user}/by-hand`)).toBe(404);
  });
});

describe('a deletion', () => {
  it('ends the namespace, its children and their webhooks, and cancels what is still to come', async () => {
    const root = ciNamespace('doomed');
    const child = ciNamespace('doomed/child', root);
    await ingest(namespaceEvent('created', root, { second: 1 }), namespaceEvent('created', child, { second: 2 }));
    const { id: webhookId } = await addWebhook('doomed/child', `child-${child.id}`);
    answer = (response) => response.writeHead(500).end();
    const event = { id: randomUUID(), createdAt: timeAt(3) };
    await ingest(busEvent({ namespaceId: child.id, ...event }));
    await deliver();
    await ingest(namespaceEvent('deleted', root, { second: 4 }));
    for (const path of ['doomed', 'doomed/child', 'doomed/child/-/webhooks', `doomed/child/-/webhooks/${webhookId}`]) {
      expect(await statusOf(`/n/${user}/${path}`)).toBe(404);
    }
    expect(await api.webhooks.all(child.id)).toEqual([]);
    expect(await api.webhooks.page(child.id, { limit: 10 })).toMatchObject({ rows: [] });
    await until('the second attempt comes', async () => (await deliver()) > 0);
    const delivery = await api.attempts.delivery(webhookId, deliveryId(event, webhookId), api.clock.nowMs);
    expect(delivery?.map(({ status }) => status)).toEqual(['retrying', 'cancelled']);
    expect(delivery?.at(-1)).toMatchObject({ error: { class: 'webhook_gone' } });
    await ingest(busEvent({ namespaceId: child.id, id: randomUUID() }));
    await deliver();
    expect(receivedAt(`child-${child.id}`), 'a new event matches no webhook').toHaveLength(1);
  });

  it.each([
    [204, 'succeeded'],
    [500, 'cancelled'],
  ])('is told to the webhooks that it ends, signed, once: answered %i, it ends %s', async (status, ending) => {
    const root = ciNamespace('told');
    await ingest(namespaceEvent('created', root, { second: 1 }));
    const { id: webhookId } = await addWebhook('told', `told-${root.id}`);
    const event = { id: randomUUID(), createdAt: timeAt(2) };
    const pending = { id: randomUUID(), createdAt: timeAt(2) };
    await ingest(busEvent({ namespaceId: root.id, ...pending }));
    await ingest(namespaceEvent('deleted', root, { second: 2, id: event.id }));
    answer = (response) => response.writeHead(status).end();
    await deliver();
    const [request, ...others] = receivedAt(`told-${root.id}`);
    expect(others).toEqual([]);
    expect(request?.headers).toMatchObject({
      'x-djinn-ci-event': 'namespaces',
      'x-djinn-ci-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    });
    const of = (which: typeof event) => api.attempts.delivery(webhookId, deliveryId(which, webhookId), api.clock.nowMs);
    expect(await of(event)).toMatchObject([{ number: 1, status: ending, response: { status } }]);
    expect((await of(event))?.[0].nextAttemptAt).toBeUndefined();
    expect(await of(pending), 'what was sent before and not tried yet').toMatchObject([
      { status: 'cancelled', error: { class: 'webhook_gone' } },
    ]);
  });

  it('of a namespace that nobody knew is remembered', async () => {
    const root = ciNamespace('late');
    const child = ciNamespace('late/child', root);
    const only = { namespaceId: null, id: randomUUID(), type: 'namespaces', createdAt: timeAt(9) };
    await ingest(busEvent({ ...only, payload: `{"action":"deleted","namespace":{"id":${root.id}}}` }));
    await ingest(namespaceEvent('created', child, { second: 2 }), namespaceEvent('created', root, { second: 1 }));
    for (const path of ['late', 'late/child']) expect(await statusOf(`/n/${user}/${path}`)).toBe(404);
  });

  it('lets nobody add a webhook who found the namespace a moment before', async () => {
    const root = ciNamespace('moment');
    await ingest(namespaceEvent('created', root, { second: 1 }));
    const found = await api.accounts.namespaces.byPath(user, 'moment');
    await ingest(namespaceEvent('deleted', root, { second: 2 }));
    if (found === undefined) throw new Error('The namespace was not found');
    await expect(api.addWebhook({ payload_url: `${receiver.url}/moment` }, found)).rejects.toThrow('Not found');
    expect(await api.webhooks.all(root.id)).toEqual([]);
  });

  it('frees the path and the URLs for a namespace to come', async () => {
    const before = ciNamespace('again');
    await ingest(namespaceEvent('created', before, { second: 1 }));
    await addWebhook('again', 'again');
    const after = ciNamespace('again');
    await ingest(namespaceEvent('deleted', before, { second: 2 }), namespaceEvent('created', after, { second: 3 }));
    expect(await read(api.call(`/n/${user}/again`, { token }))).toMatchObject({ id: after.id });
    await addWebhook('again', 'again');
  });
});

describe('an accepted invitation', () => {
  it('opens the whole tree to the user, who is made known, until the operator takes them off', async () => {
    const root = ciNamespace('open');
    const child = ciNamespace('open/child', root);
    await ingest(namespaceEvent('created', root, { second: 1 }), namespaceEvent('created', child, { second: 2 }));
    const friend = `friend-${root.id}`;
    const replayed = accepted(child, friend, 3);
    await ingest(replayed);
    expect(await api.accounts.users.get(friend)).toMatchObject({ username: friend, email: 'f@ci.example' });
    const theirs = await api.tokenOf(friend);
    for (const path of ['open', 'open/child']) expect(await statusOf(`/n/${user}/${path}`, theirs)).toBe(200);
    const namespace = await api.accounts.namespaces.byPath(user, 'open');
    if (namespace) await removeCollaborator(api.accounts, namespace, friend);
    await ingest(replayed);
    expect(await statusOf(`/n/${user}/open`, theirs), 'the same event again').toBe(404);
    await ingest(accepted(root, friend, 3601));
    expect(await statusOf(`/n/${user}/open`, theirs), 'invited again').toBe(200);
  });

  it('ends with the namespace', async () => {
    const root = ciNamespace('ended');
    const friend = `guest-${root.id}`;
    await ingest(
      namespaceEvent('created', root, { second: 1 }),
      accepted(root, friend, 2),
      namespaceEvent('deleted', root, { second: 3 }),
      accepted(root, friend, 2),
    );
    expect(await api.accounts.collaborators.list(root.id)).toEqual([]);
  });
});
