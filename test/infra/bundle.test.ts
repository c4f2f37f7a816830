import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../functions/domain/token.ts';
import { type FunctionName, SETTINGS_OF } from '../../functions/runtime/env.ts';
import { bundle, NEVER_IMPORTED } from '../../infra/bundle.ts';
import { type Engines, startEngines } from '../../infra/local/engines.ts';
import { gatewayEvent } from '../support/aws-events.ts';
import { codeBytes, codeFiles } from '../support/code-bytes.ts';

const run = promisify(execFile);
const NAMES = Object.keys(SETTINGS_OF) as FunctionName[];
const BUNDLE_MAX_BYTES = 500 * 1024;

let folder: string;
const parts = new Map<FunctionName, Metafile['outputs']>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  for (const name of NAMES) parts.set(name, bundle(name, join(folder, name)));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SCRIPT = `
  const { handler } = await import(process.argv[1]);
  const answer = await handler(JSON.parse(process.argv[2])).then(JSON.stringify, ({ stack }) => stack);
  const hasLoadedUndici = process.moduleLoadList.some((name) => name.includes('undici'));
  console.log(JSON.stringify({ answer, hasLoadedUndici }));
`;

/** What a bundle answers, or its error's stack, whether it has had Node load its HTTP client for `fetch`, and what it has said of errors. */
type Invocation = { readonly answer: string; readonly hasLoadedUndici: boolean; readonly errors: string };

/** What becomes of a bundle in a process that has nothing but it, no packages beside it, and the environment that is given. */
async function invoke(name: FunctionName, event: unknown, env: Readonly<Record<string, string>>): Promise<Invocation> {
  const parameters = ['--input-type=module', '--eval', SCRIPT, join(folder, name, 'index.mjs'), JSON.stringify(event)];
  const { stdout, stderr } = await run(process.execPath, parameters, { cwd: folder, env });
  return { ...JSON.parse(stdout), errors: stderr };
}

describe.each(NAMES)('the bundle of %s', (name) => {
  it('is small, all its parts together', () => {
    expect(codeBytes(join(folder, name))).toBeLessThanOrEqual(BUNDLE_MAX_BYTES);
  });

  it('has a source map beside each part, with no sources in it', () => {
    for (const file of codeFiles(join(folder, name))) {
      expect(readFileSync(join(folder, name, file), 'utf8')).toContain(`//# sourceMappingURL=${file}.map`);
      expect(JSON.parse(readFileSync(join(folder, name, `${file}.map`), 'utf8'))).not.toHaveProperty('sourcesContent');
    }
  });

  it('has all that it runs inside, the SDK included, but what that never imports on Lambda', () => {
    const outputs = parts.get(name) ?? {};
    const imports = Object.values(outputs).flatMap((output) => output.imports);
    const outside = imports.filter(({ path }) => !path.startsWith('node:') && outputs[path] === undefined);
    for (const { path, kind } of outside) {
      expect(NEVER_IMPORTED).toContain(path);
      expect(kind).toBe('dynamic-import');
    }
  });

  it('asks nothing of what stands for the cache of endpoints', () => {
    const inputs = Object.values(parts.get(name) ?? {}).flatMap((output) => Object.entries(output.inputs));
    const discovery = inputs.filter(
      ([path, { bytesInOutput }]) => /endpoint-discovery/.test(path) && bytesInOutput > 0,
    );
    // The settings of a client, which has a cache for them. What asks it would be the middleware.
    const files = discovery.map(([path]) => basename(path)).sort();
    expect(files).toEqual(['configurations.js', 'resolveEndpointDiscoveryConfig.js']);
  });

  it('has no part that none of the others imports', () => {
    const imported = Object.values(parts.get(name) ?? {}).flatMap((output) => output.imports.map(({ path }) => path));
    const files = new Set(imported.map((path) => basename(path)));
    expect(codeFiles(join(folder, name)).filter((file) => !files.has(file))).toEqual(['index.mjs']);
  });

  it('starts where there is nothing but it, and asks for its settings, with a stack by its sources', async () => {
    const { answer, hasLoadedUndici } = await invoke(name, { Records: [] }, {});
    expect(answer).toContain(`The function ${name} lacks settings: TABLE_NAME`);
    expect(answer).toMatch(/at .*functions\/runtime\/env\.ts:\d+:\d+/);
    expect(answer).not.toContain('.mjs');
    // A seventh of a cold start, for which importing `node:http` is enough.
    expect(hasLoadedUndici).toBe(false);
  });
});

it('the console has the files that its pages refer to beside it', () => {
  expect(readdirSync(join(folder, 'console', 'assets'))).toEqual(readdirSync('functions/web/console/assets'));
  expect(readdirSync(join(folder, 'api'))).not.toContain('assets');
});

describe('with settings, and credentials in the environment as Lambda has them,', () => {
  let engines: Engines;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    engines = await startEngines();
    env = {
      ...engines.settings,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session',
      AWS_ENDPOINT_URL_DYNAMODB: engines.endpoints.dynamodb,
      AWS_ENDPOINT_URL_SQS: engines.endpoints.sqs,
    };
  });
  afterAll(() => engines.stop());

  it('a bundle calls AWS', async () => {
    expect(JSON.parse((await invoke('retry', {}, env)).answer)).toEqual({ sent: 0, released: 0 });
    const token = `djinn_${'a'.repeat(51)}`;
    const event = gatewayEvent({
      path: '/user',
      method: 'GET',
      headers: { host: 'hooks.example', authorization: `Bearer ${token}` },
    });
    expect(JSON.parse((await invoke('api', event, env)).answer)).toMatchObject({ statusCode: 404 });
  });

  it.each(NAMES)('has tried the table before the first event: %s', async (name) => {
    const event = { Records: [] };
    expect((await invoke(name, event, env)).errors).toBe('');
    const [failure] = (await invoke(name, event, { ...env, TABLE_NAME: 'nowhere' })).errors.split('\n');
    expect(JSON.parse(failure ?? '')).toMatchObject({
      level: 'WARN',
      message: 'What is tried before the first event failed',
      error: { name: 'ResourceNotFoundException' },
    });
  });

  it('logs a failure with a stack by its sources', async () => {
    const headers = { host: 'hooks.example', authorization: `Bearer ${mintToken(new Uint8Array(32))}` };
    const event = gatewayEvent({ path: '/user', method: 'GET', headers });
    const { answer, errors } = await invoke('api', event, { ...env, TABLE_NAME: 'nowhere' });
    expect(JSON.parse(answer)).toMatchObject({ statusCode: 500 });
    const logged = errors
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(logged).toMatchObject([
      { level: 'WARN', message: 'What is tried before the first event failed' },
      { level: 'ERROR', message: 'A request failed', error: { name: 'ResourceNotFoundException' } },
    ]);
    for (const { error } of logged) expect(error.stack).toMatch(/at .*functions\/store\/tokens\.ts:\d+:\d+/);
  });

  it('the console shows its first page', async () => {
    const event = gatewayEvent({ path: '/console/sign-in', method: 'GET', headers: { host: 'hooks.example' } });
    const answer = JSON.parse((await invoke('console', event, env)).answer);
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(answer.body).toContain('/console/assets/console.');
  });
});
