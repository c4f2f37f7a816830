import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionName, SETTINGS_OF } from '../../functions/runtime/env.ts';
import { bundle } from '../../infra/bundle.ts';

const run = promisify(execFile);
const NAMES = Object.keys(SETTINGS_OF) as FunctionName[];
/** What is unpacked and read at each cold start. */
const BUNDLE_MAX_BYTES = 500 * 1024;

let folder: string;
const metafiles = new Map<FunctionName, Metafile>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  for (const name of NAMES) metafiles.set(name, bundle(name, join(folder, name)));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What becomes of a bundle in a process that has nothing but it: neither packages beside it nor settings. */
async function invoke(name: FunctionName): Promise<string> {
  const script = `import(process.argv[1]).then(({ handler }) => handler({ Records: [] })).catch(({ message }) => console.log(message))`;
  const parameters = ['--input-type=module', '--eval', script, join(folder, name, 'index.mjs')];
  const { stdout } = await run(process.execPath, parameters, { cwd: folder, env: {} });
  return stdout;
}

describe.each(NAMES)('the bundle of %s', (name) => {
  it('is small, with a source map that has no sources in it', () => {
    expect(statSync(join(folder, name, 'index.mjs')).size).toBeLessThanOrEqual(BUNDLE_MAX_BYTES);
    expect(readFileSync(join(folder, name, 'index.mjs'), 'utf8')).toContain('//# sourceMappingURL=index.mjs.map');
    expect(JSON.parse(readFileSync(join(folder, name, 'index.mjs.map'), 'utf8'))).not.toHaveProperty('sourcesContent');
  });

  it('has all that it runs inside, the SDK included, but ways to find credentials that no function has', () => {
    const imports = Object.values(metafiles.get(name)?.outputs ?? {}).flatMap((output) => output.imports);
    const outside = imports.filter(({ path }) => !path.startsWith('node:'));
    for (const { path, kind } of outside) {
      expect(path).toContain('credential-provider');
      expect(kind).toBe('dynamic-import');
    }
  });

  it('starts where there is nothing but it, and asks for its settings', async () => {
    expect(await invoke(name)).toContain(`The function ${name} lacks settings: TABLE_NAME`);
  });
});

it('the console has the files that its pages refer to beside it', () => {
  expect(readdirSync(join(folder, 'console', 'assets'))).toEqual(readdirSync('functions/web/console/assets'));
  expect(readdirSync(join(folder, 'api'))).toEqual(['index.mjs', 'index.mjs.map']);
});
