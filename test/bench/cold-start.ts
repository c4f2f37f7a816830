import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FunctionName, SETTINGS_OF } from '../../functions/runtime/env.ts';
import { bundle } from '../../infra/bundle.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { REGION } from '../../infra/local/aws.ts';
import { codeBytes } from '../support/code-bytes.ts';
import type { Deployment } from '../support/deployment.ts';
import { startReceiver } from '../support/receiver.ts';
import { openPages } from '../web/console/pages.ts';
import { type Bench, type BenchOptions, type Findings, quantile } from './bench.ts';
import { barChart } from './chart.ts';
import { CHILD, eventOnLambda, onWholeProcessor, type Start } from './cold-start/child.ts';
import { firstEvents } from './cold-start/events.ts';
import { type OverTls, overTls } from './cold-start/over-tls.ts';
import { deliverHandler, emptyHandler, sdkHandler } from './cold-start/rivals.ts';

const NAMES = Object.keys(SETTINGS_OF) as FunctionName[];
const BYTES_GOAL = 500 * 1024;
const RATIO_GOAL = 1.3;
const TIMES = { full: 25, quick: 3 };
const run = promisify(execFile);

/** How large the bundles are, and how long a process takes that has just begun. */
export const coldStart: Bench = {
  what: `bundles and their first events, beside the SDK alone; goals: ${BYTES_GOAL / 1024} KB, and ${RATIO_GOAL} times as long`,
  minutes: { full: 4, quick: 1 },
  run: measure,
};

/** Medians, in ms, of a function, of the SDK alone, of the SDK with a rehearsal as ours have one, and of nothing at all. */
type Measured = {
  readonly name: FunctionName;
  readonly bytes: number;
  readonly ours: Times;
  readonly sdk: Times;
  readonly rehearsed: Times;
  readonly empty: Times;
};

type Times = {
  readonly importMs: number;
  readonly wholeMs: number;
  /** The first event, and all of it, as Lambda runs them. */
  readonly lambdaEventMs: number;
  readonly lambdaMs: number;
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
      const sdk = sdkHandler(name, { folder });
      const rehearsed = sdkHandler(name, { folder, isRehearsed: true });
      const starts: Record<'ours' | 'sdk' | 'rehearsed' | 'empty', Start[]> = {
        ours: [],
        sdk: [],
        rehearsed: [],
        empty: [],
      };
      // In turns, so that what else the machine does befalls each of them.
      for (let time = 0; time < TIMES[quick ? 'quick' : 'full']; time++) {
        starts.ours.push(await start(ours, await events[name](), env));
        starts.sdk.push(await start(sdk, {}, env));
        starts.rehearsed.push(await start(rehearsed, {}, env));
        starts.empty.push(await start(empty, {}, env));
      }
      if (starts.ours.some(({ failed }) => failed)) throw new Error(`The first event of ${name} failed`);
      measured.push({
        name,
        bytes,
        ours: timesOf(name, starts.ours),
        sdk: timesOf(name, starts.sdk),
        rehearsed: timesOf(name, starts.rehearsed),
        empty: timesOf(name, starts.empty),
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

function timesOf(name: FunctionName, starts: readonly Start[]): Times {
  const { memoryMb } = FUNCTIONS[name];
  const median = (of: (one: Start) => number) => quantile(starts.map(of), 0.5);
  return {
    importMs: median((one) => one.importMs),
    wholeMs: median(onWholeProcessor),
    lambdaEventMs: median((one) => eventOnLambda(one, memoryMb)),
    lambdaMs: median((one) => one.importMs + eventOnLambda(one, memoryMb)),
  };
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

const HEAD = [
  'function',
  'KB',
  'import',
  'first event',
  'in all',
  'the SDK alone',
  'ratio',
  'the SDK, rehearsed',
  'ratio',
  'on a whole processor',
  'the SDK alone',
  'nothing',
  'ratio',
];

/** How many times as long ours takes as what it is beside. */
function ratiosOf({ ours, sdk, rehearsed }: Measured) {
  const ratio = (of: number, beside: number) => Number((of / beside).toFixed(2));
  return {
    firstEventRatio: ratio(ours.lambdaMs, sdk.lambdaMs),
    firstEventRatioRehearsed: ratio(ours.lambdaMs, rehearsed.lambdaMs),
    firstEventRatioOnWholeProcessor: ratio(ours.wholeMs, sdk.wholeMs),
  };
}

function findings(measured: readonly Measured[]): Findings {
  const rows = measured.map((one) => {
    const { ours, sdk, rehearsed, empty } = one;
    const ratios = ratiosOf(one);
    const onLambda = [ours.importMs, ours.lambdaEventMs, ours.lambdaMs, sdk.lambdaMs];
    const whole = [ours.wholeMs, sdk.wholeMs, empty.wholeMs];
    return [
      one.name,
      (one.bytes / 1024).toFixed(0),
      ...onLambda.map((ms) => ms.toFixed(0)),
      ratios.firstEventRatio.toFixed(2),
      rehearsed.lambdaMs.toFixed(0),
      ratios.firstEventRatioRehearsed.toFixed(2),
      ...whole.map((ms) => ms.toFixed(0)),
      ratios.firstEventRatioOnWholeProcessor.toFixed(2),
    ];
  });
  const names = (over: (one: Measured) => boolean) => {
    const found = measured.filter(over).map(({ name }) => name);
    return found.length === 0 ? 'none' : found.join(', ');
  };
  const large = names(({ bytes }) => bytes > BYTES_GOAL);
  const slow = names((one) => ratiosOf(one).firstEventRatio > RATIO_GOAL);
  const slowRehearsed = names((one) => ratiosOf(one).firstEventRatioRehearsed > RATIO_GOAL);
  const slowOnWhole = names((one) => ratiosOf(one).firstEventRatioOnWholeProcessor > RATIO_GOAL);
  return {
    tables: [{ title: 'From the import to the end of the first event, medians in ms', rows: [HEAD, ...rows] }],
    verdict: `Beyond ${BYTES_GOAL / 1024} KB: ${large}. Beyond ${RATIO_GOAL.toFixed(1)} times what the SDK alone takes: ${slow} as Lambda runs them; ${slowRehearsed} where the SDK alone, too, makes a call in advance; ${slowOnWhole} where events, too, have a whole processor.`,
    results: {
      bundles: Object.fromEntries(measured.map((one) => [one.name, { bytes: one.bytes, ...ratiosOf(one) }])),
    },
    charts: {
      'cold-start': barChart({
        title: 'A new process and its first event, as Lambda runs them: the SDK alone, and what ours takes more',
        unit: 'ms',
        parts: ['the SDK alone', 'ours'],
        bars: measured.map(({ name, ours, sdk }) => ({
          label: name,
          values: [Math.min(ours.lambdaMs, sdk.lambdaMs), Math.max(0, ours.lambdaMs - sdk.lambdaMs)],
        })),
      }),
    },
  };
}
