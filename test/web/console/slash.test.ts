import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureNamespace } from '../../../functions/actions/accounts.ts';
import { openPages, type Pages } from './pages.ts';

const NAMESPACE = '/console/n/admin/demo';
let pages: Pages;
let cookie: string;
beforeAll(async () => {
  pages = await openPages();
  await ensureNamespace(pages.accounts, { username: 'admin', path: 'demo/child' });
  cookie = await pages.signIn();
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

/** The page that a path leads to in the end, and its status. */
async function endOf(path: string, as = cookie): Promise<[string, number]> {
  const answer = await pages.get(path, { cookie: as });
  const to = answer.headers.get('location');
  return to === null ? [path, answer.status] : endOf(to, as);
}

it.each([
  ['/console/', '/console'],
  ['/console//', '/console'],
  [NAMESPACE, `${NAMESPACE}/-/webhooks`],
  [`${NAMESPACE}/`, `${NAMESPACE}/-/webhooks`],
  [`${NAMESPACE}/child/`, `${NAMESPACE}/child/-/webhooks`],
  [`${NAMESPACE}/-/events/?per_page=3`, `${NAMESPACE}/-/events?per_page=3`],
])('%s leads to the page that is meant', async (path, end) => {
  expect(await endOf(path)).toEqual([end, 200]);
});

it('so does the page of a webhook with a slash at its end, and what is asked for stays', async () => {
  const { id } = await pages.addWebhook({ payload_url: 'https://a.example/' });
  const log = `${NAMESPACE}/-/webhooks/${id}/deliveries`;
  expect(await endOf(`${NAMESPACE}/-/webhooks/${id}/`)).toEqual([`${NAMESPACE}/-/webhooks/${id}`, 200]);
  expect(await endOf(`${log}/?id=/`)).toEqual([`${log}?id=/`, 400]);
});

it('leads nowhere else, and says no more of a namespace that one may not see than of none', async () => {
  const stranger = await pages.signIn(await pages.tokenOf('ann'));
  for (const [path, end] of [
    [NAMESPACE, NAMESPACE],
    [`${NAMESPACE}/`, NAMESPACE],
    ['/console/n/nobody/nothing/', '/console/n/nobody/nothing'],
  ] as const) {
    expect(await endOf(path, stranger)).toEqual([end, 404]);
  }
  expect((await pages.get(NAMESPACE)).headers.get('location')).toBe(
    `/console/sign-in?to=${encodeURIComponent(NAMESPACE)}`,
  );
  expect((await pages.get('/console//evil.example/', { cookie })).headers.get('location')).toBe(
    '/console//evil.example',
  );
  expect((await pages.post(`${NAMESPACE}/-/webhooks/new/`, {}, { cookie })).status).toBe(404);
});
