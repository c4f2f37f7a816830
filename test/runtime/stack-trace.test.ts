import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bySources } from '../../functions/runtime/stack-trace.ts';

const run = promisify(execFile);
const SOURCE = `
// What is on the fourth line fails.
export function deliver() {
  throw new Error('It failed');
}
`;

let folder: string;
let url: URL;
let stack: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stack-trace-'));
  url = pathToFileURL(`${folder}/built/`);
  writeFileSync(join(folder, 'deliver.ts'), SOURCE);
  build('index', { sourcemap: true });
  build('bare', { sourcemap: false });
  stack = await stackOf('index.mjs');
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(name: string, { sourcemap }: { readonly sourcemap: boolean }): void {
  const outfile = join(folder, 'built', `${name}.mjs`);
  buildSync({
    entryPoints: [join(folder, 'deliver.ts')],
    outfile,
    sourcemap,
    minify: true,
    bundle: true,
    format: 'esm',
  });
}

/** What a process of its own says of the failure, where nothing maps anything. */
async function stackOf(file: string): Promise<string> {
  const script = `(await import(process.argv[1])).deliver()`;
  const failing = `try { ${script} } catch ({ stack }) { console.log(stack); }`;
  return (await run(process.execPath, ['--input-type=module', '--eval', failing, new URL(file, url).href])).stdout;
}

/** The first frame of a stack. */
function top(of: string): string | undefined {
  return of.split('\n')[1]?.trim();
}

it('names what failed where it was written, below the folder that the bundle was built in', () => {
  expect(top(stack)).toContain('built/index.mjs:1:');
  expect(top(bySources(stack, url))).toMatch(/^at [\w.]+ \(deliver\.ts:4:9\)$/);
});

it('leaves the frames of other files as they are', () => {
  const [, , ...others] = stack.split('\n');
  expect(others.length).toBeGreaterThan(0);
  const [, , ...after] = bySources(stack, url).split('\n');
  expect(after).toEqual(others);
});

it('leaves a file without a map, and one of another folder', async () => {
  const bare = await stackOf('bare.mjs');
  expect(bySources(bare, url)).toBe(bare);
  expect(bySources(stack)).toBe(stack);
});

it.each(['file://host.example/index.mjs:1:9', 'file:///%2F/index.mjs:1:9', 'file:///..:1:9', 'file://:0:0'])(
  'of what a message says nothing is read: %s',
  (text) => {
    expect(bySources(`Error: ${text}\n    at ${text}`, url)).toBe(`Error: ${text}\n    at ${text}`);
  },
);
