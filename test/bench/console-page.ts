import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { About } from '../../functions/domain/about.ts';
import type { Attempt, Delivery } from '../../functions/domain/delivery.ts';
import { firstIdAt } from '../../functions/domain/id.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { readAssets } from '../../functions/web/console/assets.ts';
import { deliveryBody } from '../../functions/web/console/delivery-page.ts';
import { frame, type Page } from '../../functions/web/console/frame.ts';
import { linksFrom } from '../../functions/web/console/links.ts';
import { readLogQuery } from '../../functions/web/console/log-filter.ts';
import { logBody } from '../../functions/web/console/log-page.ts';
import type { NamespaceVisit } from '../../functions/web/console/pages.ts';
import { webhookPage } from '../../functions/web/console/webhook/head.ts';
import { attemptOf } from '../web/attempts.ts';
import { type Bench, type Findings, quantile } from './bench.ts';

const DELIVERIES = 100;
const GOAL_MS = 50;
const PAYLOAD_BYTES = 1_000_000;
const NOW_MS = Date.parse('2026-11-23T12:00:00Z');

/** How long the console takes to write a page, from the moment that its data is there. */
export const consolePage: Bench = {
  what: `a page of ${DELIVERIES} deliveries, written from its data; goal: within ${GOAL_MS} ms, the first one included`,
  minutes: { full: 0.1, quick: 0.1 },
  run: ({ quick }) => measure(quick ? 20 : 300),
};

type Write = (visit: NamespaceVisit) => Promise<Response>;

async function measure(times: number): Promise<Findings> {
  const pages: readonly (readonly [string, Write])[] = [
    [`the log, ${DELIVERIES} deliveries`, writeLog],
    ['a delivery, 1 MB payload', writeDelivery],
  ];
  const rows: string[][] = [];
  const slowest: number[] = [];
  for (const [name, write] of pages) {
    const { ms, bytes } = await timed(write, times);
    const [first = Number.NaN, ...others] = ms;
    rows.push([
      name,
      (bytes / 1024).toFixed(0),
      first.toFixed(1),
      ...[0.5, 0.95, 0.99].map((share) => quantile(others, share).toFixed(1)),
    ]);
    slowest.push(Math.max(first, quantile(others, 0.99)));
  }
  return {
    tables: [
      {
        title: "Writing the console's pages",
        rows: [['page', 'KB', 'first, ms', 'p50, ms', 'p95, ms', 'p99, ms'], ...rows],
      },
    ],
    results: {},
    verdict: `The log takes ${slowest[0]?.toFixed(1)} ms: the first one, or the slowest but one in a hundred. The goal is ${GOAL_MS} ms.`,
  };
}

async function timed(write: Write, times: number): Promise<{ readonly ms: readonly number[]; readonly bytes: number }> {
  const ms: number[] = [];
  let bytes = 0;
  const app = new Hono();
  app.get('*', async (context) => {
    const visit = visitOver(context);
    const startMs = performance.now();
    const answer = await write(visit);
    const text = await answer.text();
    ms.push(performance.now() - startMs);
    bytes = Buffer.byteLength(text);
    return context.body(null);
  });
  for (let nth = 0; nth < times; nth++) await app.request('http://localhost/console');
  return { ms, bytes };
}

const USER = { id: 1, username: 'admin', email: '', createdAt: '2026-11-01T00:00:00.000Z' };
const NAMESPACE: Namespace = {
  id: 1,
  rootId: 1,
  owner: USER,
  path: 'demo',
  description: '',
  visibility: 'private',
  createdAt: USER.createdAt,
};
const WEBHOOK: Webhook = {
  id: 1,
  namespaceId: 1,
  authorId: 1,
  payloadUrl: 'https://deploy.acme.example/hooks/ci',
  ssl: true,
  active: true,
  events: [],
  createdAt: USER.createdAt,
};
const ASSETS = readAssets();

function visitOver(context: NamespaceVisit['context']): NamespaceVisit {
  const links = linksFrom('http://localhost');
  return {
    context,
    links,
    nowMs: NOW_MS,
    caller: { user: USER, scopes: SCOPES },
    namespace: NAMESPACE,
    may: () => true,
    show: async (page: Page) => new Response(String(await frame(page, { links, assets: ASSETS, username: 'admin' }))),
    goTo: () => new Response(),
  };
}

function writeLog(visit: NamespaceVisit): Promise<Response> {
  const reading = readLogQuery(new URLSearchParams(), NOW_MS);
  if ('errors' in reading) throw new Error('The log has no first page');
  const url = visit.links.deliveries(NAMESPACE, WEBHOOK.id);
  const neighbours = { next: { direction: 'after', position: randomUUID() } } as const;
  const body = logBody(visit, { url, ...reading, webhook: WEBHOOK, deliveries: DATA, abouts: ABOUTS, neighbours });
  return webhookPage(visit, { view: VIEW, here: 'deliveries', body });
}

function writeDelivery(visit: NamespaceVisit): Promise<Response> {
  const [delivery] = DATA;
  const attempt = delivery?.at(-1);
  if (delivery === undefined || attempt === undefined) throw new Error('There is no delivery');
  return visit.show({
    title: 'A delivery',
    body: deliveryBody(visit, { view: VIEW, delivery, attempt, payload: PAYLOAD, about: undefined, showsCurl: false }),
  });
}

const STATUSES = ['succeeded', 'retrying', 'dead', 'cancelled'] as const;

/** Two attempts each, as a failing webhook has them. */
const DATA: readonly Delivery[] = Array.from({ length: DELIVERIES }, (_, nth): Delivery => {
  const deliveryId = firstIdAt(NOW_MS - nth * 60_000);
  const at = (number: number, status: Attempt['status']): Attempt =>
    attemptOf({
      deliveryId,
      webhookId: 1,
      namespaceId: 1,
      number,
      status,
      error: status === 'succeeded' ? undefined : { class: 'status', message: 'The receiver answered 503' },
      response: {
        status: status === 'succeeded' ? 204 : 503,
        headers: [],
        body: Buffer.from('busy'),
        truncated: false,
      },
      connection: { dnsMs: 3, connectMs: 12, tlsMs: 31, firstByteMs: 80, httpVersion: '1.1' },
      nextAttemptAt: status === 'retrying' ? '2026-11-23T12:05:00.000Z' : undefined,
    });
  return [at(1, 'retrying'), at(2, STATUSES[nth % STATUSES.length] ?? 'succeeded')];
});
const ABOUTS: ReadonlyMap<string, About> = new Map(
  DATA.map(([{ deliveryId }], nth) => [
    deliveryId,
    { text: `Build #${nth} · failed`, url: `https://ci.acme.example/n/admin/demo/-/builds/${nth}` },
  ]),
);
const VIEW = { webhook: WEBHOOK, lastAttempt: DATA[0]?.[1], atMs: NOW_MS };
const PAYLOAD = Buffer.from(
  JSON.stringify({
    number: 1,
    builds: Array.from({ length: PAYLOAD_BYTES / 50 }, (_, id) => ({ id, status: 'passed', tags: ['a', 'b'] })),
  }),
);
