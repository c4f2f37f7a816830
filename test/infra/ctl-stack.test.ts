import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queue } from '../../functions/transport/queue.ts';
import { ACCOUNT } from '../../infra/local/aws.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';
import { OUTPUT_NAMES, type Outputs } from '../../infra/outputs.ts';
import { CTL_WITHIN_MS } from '../support/started.ts';
import { type Api, openApi } from '../web/api.ts';

const run = promisify(execFile);

let api: Api;
let cloudFormation: Served;
let outputs: Outputs;
/** What the account has: the outputs of its stacks, by their names. */
let stacks: Map<string, Partial<Outputs>>;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  api = await openApi();
  const { endpoints, settings } = api.engines;
  const queueUrl = (name: string) => `${endpoints.sqs}/${ACCOUNT}/${name}`;
  outputs = {
    ApiUrl: 'https://hooks.example/',
    TableName: settings.TABLE_NAME,
    KmsKeyId: settings.KMS_KEY_ID,
    EventBusName: settings.EVENT_BUS_NAME,
    EventsQueueUrl: queueUrl('events'),
    EventsDeadLetterQueueUrl: queueUrl('events-dead-letter'),
    DeliveriesQueueUrl: queueUrl('deliveries'),
    DeliveriesDeadLetterQueueUrl: queueUrl('deliveries-dead-letter'),
  };
  const { KmsKeyId, EventsQueueUrl, ...older } = outputs;
  stacks = new Map<string, Partial<Outputs>>([
    ['webhooks', outputs],
    ['older', older],
    ['other', {}],
  ]);
  cloudFormation = await serveLocally(cloudFormationApp(), 0);
  const { AWS_PROFILE, DJINN_STACK, ...inherited } = process.env;
  env = {
    ...inherited,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${cloudFormation.port}`,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    // Where nothing runs: what is done, is done on the stack.
    DATA_DIR: '/dev/null/none',
  };
});
afterAll(async () => {
  await cloudFormation.stop();
  await api.stop();
});

/** `DescribeStacks`, over the AWS query protocol. */
function cloudFormationApp(): Hono {
  const app = new Hono();
  app.post('/', async (context) => {
    const form = new URLSearchParams(await context.req.text());
    const name = form.get('StackName') ?? '';
    const known = form.get('Action') === 'DescribeStacks' ? stacks.get(name) : undefined;
    if (known === undefined)
      return context.body(failureOf('ValidationError', `Stack with id ${name} does not exist`), 400);
    const members = Object.entries(known).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    const stack = `<member><StackName>${name}</StackName><Outputs>${members.join('')}</Outputs></member>`;
    return context.body(
      `<DescribeStacksResponse><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    );
  });
  return app;
}

function failureOf(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

type Options = { readonly with?: NodeJS.ProcessEnv };

async function ctl(words: readonly string[], options: Options = {}) {
  return run(process.execPath, ['infra/ctl.ts', ...words], {
    env: { ...env, ...options.with },
    timeout: CTL_WITHIN_MS,
  });
}

async function facts<T>(...words: string[]): Promise<T> {
  const { stdout, stderr } = await ctl([...words, '--stack', 'webhooks', '--json']);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

/** What a command prints when it fails: one sentence, without a stack trace. */
async function failure(words: readonly string[], options: Options = {}): Promise<string> {
  return ctl(words, options).then(
    () => expect.unreachable('the command did not fail'),
    ({ code, stdout, stderr }: { readonly code: number; readonly stdout: string; readonly stderr: string }) => {
      expect([code, stdout]).toEqual([1, '']);
      return stderr;
    },
  );
}

describe('a command on a stack', () => {
  it('does on the stack what it does here: tokens and namespaces', async () => {
    const { token } = await facts<{ readonly token: string }>('token', 'create', 'admin');
    expect((await api.call('/user', { token })).status).toBe(200);
    expect(await facts('namespace', 'add', 'zoe/web')).toMatchObject({
      webhooks_url: 'https://hooks.example/n/zoe/web/-/webhooks',
    });
    expect(await api.accounts.namespaces.byPath('zoe', 'web')).toBeDefined();
  });

  it('puts events on its bus', async () => {
    const { id } = await facts<{ readonly id: string }>('event', 'emit', 'cron');
    expect((await api.inspect('events')).ready.map((body) => JSON.parse(body))).toMatchObject([{ detail: { id } }]);
  });

  it('may be named in the environment, and in front of the command', async () => {
    const named = await ctl(['namespace', 'list'], { with: { DJINN_STACK: 'webhooks' } });
    expect(named.stdout).toContain('admin/demo');
    const inFront = await ctl(['--stack', 'webhooks', 'namespace', 'list'], { with: { DJINN_STACK: 'none' } });
    expect(inFront.stdout).toBe(named.stdout);
    expect((await ctl(['token', 'create', '--help'])).stdout).toContain('--stack <name>');
  });

  it('shows dead letters, and sends them back', async () => {
    const buried = { body: '{"detail-type":"push"}', attributes: { reason: 'Unknown event type: "push"' } };
    await queue(api.world.sqs, outputs.EventsDeadLetterQueueUrl).send([buried]);
    await queue(api.world.sqs, outputs.DeliveriesDeadLetterQueueUrl).send([{ body: 'no delivery', groupId: '1' }]);
    const [letter, delivery] = await facts<readonly { readonly id: string }[]>('dead-letters', 'list');
    expect(letter).toMatchObject({ queue: 'events', receives: 1, reason: 'Unknown event type: "push"' });
    expect(delivery).toMatchObject({ queue: 'deliveries', reason: null, excerpt: 'no delivery' });
    const one = ['dead-letters', 'redrive', '--id', letter?.id ?? ''];
    expect(await facts(...one)).toMatchObject([{ queue: 'events', redriven: 1, left: 0 }]);
    expect((await api.inspect('events')).ready).toContain(buried.body);
    expect(await failure([...one, '--stack', 'webhooks'])).toMatch(/^Not found: .*: see dead-letters list\n$/);
    const { stdout } = await ctl(['dead-letters', 'redrive', '--stack', 'webhooks', '--queue', 'deliveries']);
    expect(stdout).toBe('Sent 1 back to deliveries\n');
    expect((await api.inspect('deliveries')).ready).toEqual(['no delivery']);
    const none = await ctl(['dead-letters', 'list', '--stack', 'webhooks']);
    expect(none.stdout).toBe('There are no dead letters of events or deliveries.\n');
  });
});

describe('a stack that cannot be worked on', () => {
  const list = ['namespace', 'list', '--stack'];

  it('is not there', async () => {
    expect(await failure([...list, 'none'])).toBe(
      'There is no stack none in eu-west-1, with these credentials: look at its name, AWS_REGION and AWS_PROFILE\n',
    );
  });

  it('lacks outputs, all of which are named', async () => {
    expect(await failure([...list, 'older'])).toBe(
      "The stack older lacks KmsKeyId, EventsQueueUrl among its outputs: name a stack of Djinn CI's webhooks, or deploy it again\n",
    );
    expect(await failure([...list, 'other'])).toContain(OUTPUT_NAMES.join(', '));
  });

  it.each([
    ['a region', { AWS_REGION: undefined }, /^No AWS region is named: set AWS_REGION/],
    [
      'credentials',
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      /^No AWS credentials were found: sign in/,
    ],
    [
      'an AWS',
      { AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:9' },
      /^AWS cannot be reached: look at the network/,
    ],
  ] as const)('lacks %s', async (_, difference, sentence) => {
    expect(await failure([...list, 'webhooks'], { with: difference })).toMatch(sentence);
  });

  it('is closed to these credentials', async () => {
    const denied = new Hono().post('/', (context) => context.body(failureOf('AccessDenied', 'User: x may not'), 403));
    const served = await serveLocally(denied, 0);
    const AWS_ENDPOINT_URL_CLOUDFORMATION = `http://127.0.0.1:${served.port}`;
    expect(await failure([...list, 'webhooks'], { with: { AWS_ENDPOINT_URL_CLOUDFORMATION } })).toBe(
      'AWS refuses these credentials. Sign in again, or as someone who may. It says: User: x may not\n',
    );
    await served.stop();
  });

  it('is named by nothing', async () => {
    expect(await failure(['namespace', 'list', '--stack', ''])).toMatch(
      /^error: option '--stack <name>' .* Name a stack/,
    );
  });
});
