import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import type { OpenApiDocument } from '../../functions/web/openapi/objects.ts';
import { type Api, openApi, read } from './api.ts';

let api: Api;
let page: string;

beforeAll(async () => {
  api = await openApi();
  const response = await api.call('/docs', { token: null });
  expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  page = await response.text();
});
afterAll(() => api.stop());

it('has every operation and every entity, each once and linked', async () => {
  const { paths, components } = await read<OpenApiDocument>(api.call('/openapi.json'));
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const ids = [...operations.map(({ operationId }) => operationId), ...Object.keys(components.schemas)];
  const anchors = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(anchors.toSorted()).toEqual(ids.toSorted());
  const links = new Set([...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id));
  expect([...links].toSorted()).toEqual(ids.toSorted());
  for (const { summary } of operations) expect(page).toContain(summary.replaceAll("'", '&#39;'));
});

it('has an example to copy for each, and runs no script', () => {
  expect(page.match(/<pre>curl /g)?.length).toBeGreaterThanOrEqual(15);
  expect(page).not.toMatch(/<script|javascript:|undefined|\[object/);
});

it('escapes where it stands', async () => {
  const deps = apiDeps({ ...api.engines.settings, PUBLIC_URL: "https://ci.example/a'b&c" }, api.world);
  const answer = await webApp(deps).request('https://ci.example/docs');
  expect(await answer.text()).toContain('https://ci.example/a&#39;b&amp;c/openapi.json');
});
