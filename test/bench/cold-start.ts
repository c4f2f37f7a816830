import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createToken } from '../../functions/actions/accounts.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import { type FunctionName, SETTINGS_OF } from '../../functions/runtime/env.ts';
import { bundle } from '../../infra/bundle.ts';
import { REGION } from '../../infra/local/aws.ts';
import { gatewayEvent, queueEvent, SCHEDULED_EVENT } from '../support/aws-events.ts';
import { codeBytes } from '../support/code-bytes.ts';
import { busEvent, type Deployment } from '../support/deployment.ts';
import { startReceiver } from '../support/receiver.ts';
import { openPages, type Pages } from '../web/console/pages.ts';
import { type Bench, type BenchOptions, type Findings, quantile } from './bench.ts';
import { barChart } from './chart.ts';
import { CHILD, type Start } from './cold-start/child.ts';
import { type OverTls, overTls } from './cold-start/over-tls.ts';
import { deliverHandler, emptyHandler, sdkHandler } from './cold-start/rivals.ts';

const NAMES = Object.keys(SETTINGS_OF) as FunctionName[];
const BYTES_GOAL = 500 * 1024;
const RATIO_GOAL = 1.3;
const HEAD = ['function', 'KB', 'import', 'first event', 'in all', 'the SDK alone', 'nothing', 'ratio to the SDK'];
const TIMES = { full: 25, quick: 3 };
const run = promisify(execFile);

/** How large the bundles are, and how long a process takes that has just begun. */
export const coldStart: Bench = {
  what: `bundles and their first events, beside the SDK alone; goals: ${BYTES_GOAL / 1024} KB, and ${RATIO_GOAL} times as long`,
  minutes: { full: 3, quick: 1 },
  run: measure,
};

/** The median times of a function's first event, of the SDK's alone, and of nothing at all. */
type Measured = {
  readonly name: FunctionName;
  readonly bytes: number;
  readonly importMs: number;
  readonly ms: number;
  readonly sdkMs: number;
  readonly emptyMs: number;
};

async function measure({ quick, tell }: BenchOptions): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'djinn-cold-start-'));
  const deployment = await openPages();
  const receiver = await startReceiver();
  const aws = await overTls(deployment.engines.endpoints, folder);
  try {
    const events = await firstEvents(deployment, receiver.url);
    const empty = emptyHandler(folder);
    const measured: Measured[] = [];
    for (const name of NAMES) {
      tell(name);
      const env = environment(deployment, aws, name);
      bundle(name, join(folder, name));
      const bytes = codeBytes(join(folder, name));
      const ours = name === 'deliver' ? deliverHandler(folder) : join(folder, name, 'index.mjs');
      const sdk = sdkHandler(name, folder);
      const starts: Record<'ours' | 'sdk' | 'empty', Start[]> = { ours: [], sdk: [], empty: [] };
      // In turns, so that what else the machine does befalls each of them.
      for (let time = 0; time < TIMES[quick ? 'quick' : 'full']; time++) {
        starts.ours.push(await start(ours, await events[name](), env));
        starts.sdk.push(await start(sdk, {}, env));
        starts.empty.push(await start(empty, {}, env));
      }
      if (starts.ours.some(({ failed }) => failed)) throw new Error(`The first event of ${name} failed`);
      const median = (list: readonly Start[], of: 'importMs' | 'firstEventMs' = 'firstEventMs') =>
        quantile(
          list.map((one) => one[of]),
          0.5,
        );
      measured.push({
        name,
        bytes,
        importMs: median(starts.ours, 'importMs'),
        ms: median(starts.ours),
        sdkMs: median(starts.sdk),
        emptyMs: median(starts.empty),
      });
    }
    return findings(measured);
  } finally {
    await aws.stop();
    await receiver.stop();
    await deployment.stop();
    rmSync(folder, { recursive: true });
  }
}

async function start(path: string, event: unknown, env: Readonly<Record<string, string>>): Promise<Start> {
  const parameters = ['--input-type=module', '--eval', CHILD, path, JSON.stringify(event)];
  const { stdout } = await run(process.execPath, parameters, { env, cwd: tmpdir() });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Start;
}

/** What Lambda gives a function, and where the engines are. */
function environment(
  { engines }: Deployment,
  { endpoints, trust }: OverTls,
  name: FunctionName,
): Readonly<Record<string, string>> {
  const { dynamodb, sqs, kms, eventbridge } = endpoints;
  // As on AWS, where a queue's URL begins with its endpoint: of anything else the client warns, with a stack.
  const ofQueue = (url: string) => `${sqs}/${url.split('/').slice(3).join('/')}`;
  return {
    ...Object.fromEntries(
      SETTINGS_OF[name].map((setting) => {
        const value = engines.settings[setting];
        return [setting, setting.endsWith('QUEUE_URL') ? ofQueue(value) : value];
      }),
    ),
    NODE_EXTRA_CA_CERTS: trust,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_KMS: kms,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventbridge,
  };
}

/** Of each function an event that it has not had yet. */
async function firstEvents(
  deployment: Pages,
  url: string,
): Promise<Readonly<Record<FunctionName, () => Promise<unknown>>>> {
  const { clock, namespace, accounts, handlers } = deployment;
  clock.nowMs = Date.now();
  await deployment.addWebhook({ payload_url: url, secret: 's3cret' });
  const { token } = await createToken(accounts, { username: 'admin', name: 'bench', scopes: SCOPES });
  const cookies = [await deployment.signIn(token)];
  const headers = { host: 'webhooks.example', authorization: `Bearer ${token}` };
  const body = () =>
    busEvent({ namespaceId: namespace.id, id: randomUUID(), createdAt: new Date(clock.nowMs).toISOString() });
  const delivery = async () => {
    await deployment.send('events', [body()]);
    await deployment.step('events', handlers.ingest);
    return queueEvent((await deployment.receive('deliveries')).map((message) => message.body));
  };
  return {
    api: async () => gatewayEvent({ path: '/n/admin/demo/-/webhooks', method: 'GET', headers }),
    console: async () => gatewayEvent({ path: '/console', method: 'GET', headers: { host: headers.host }, cookies }),
    ingest: async () => queueEvent([body()]),
    deliver: delivery,
    retry: async () => SCHEDULED_EVENT,
    recover: async () => SCHEDULED_EVENT,
    'dead-letter': delivery,
  };
}

function findings(measured: readonly Measured[]): Findings {
  const ratioOf = ({ ms, sdkMs }: Measured) => Number((ms / sdkMs).toFixed(2));
  const rows = measured.map((one) => [
    one.name,
    (one.bytes / 1024).toFixed(0),
    ...[one.importMs, one.ms - one.importMs, one.ms, one.sdkMs, one.emptyMs].map((ms) => ms.toFixed(0)),
    ratioOf(one).toFixed(2),
  ]);
  const over = measured.filter((one) => ratioOf(one) > RATIO_GOAL || one.bytes > BYTES_GOAL).map(({ name }) => name);
  return {
    tables: [
      {
        title: 'From the import to the end of the first event, medians in ms',
        rows: [HEAD, ...rows],
      },
    ],
    verdict: `The goals are ${BYTES_GOAL / 1024} KB, and ${RATIO_GOAL.toFixed(1)} times what the SDK alone takes. ${over.length === 0 ? 'All keep to them.' : `Beyond them: ${over.join(', ')}.`}`,
    results: {
      bundles: Object.fromEntries(
        measured.map((one) => [one.name, { bytes: one.bytes, firstEventRatio: ratioOf(one) }]),
      ),
    },
    charts: {
      'cold-start': barChart({
        title: 'First event of a new process: the SDK alone, and what ours takes more',
        unit: 'ms',
        parts: ['the SDK alone', 'ours'],
        bars: measured.map(({ name, ms, sdkMs }) => ({
          label: name,
          values: [Math.min(ms, sdkMs), Math.max(0, ms - sdkMs)],
        })),
      }),
    },
  };
}
