import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import type { FunctionName } from '../functions/runtime/env.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folders of files that a function reads at run time, from `assets/` beside its bundle. */
const ASSETS: Partial<Record<FunctionName, string>> = { console: 'functions/web/console/assets' };

/**
 * What the SDK imports only when it needs it, and never does on Lambda: ways to find credentials that a laptop has, streams of events, which
 * no service of ours has, and what a browser is. Left out, a bundle is a third smaller, and starts the sooner.
 */
export const NEVER_IMPORTED = [
  ...['http', 'ini', 'login', 'process', 'sso', 'web-identity'].map((way) => `@aws-sdk/credential-provider-${way}`),
  '@smithy/credential-provider-imds',
  '@smithy/core/event-streams',
  'bowser',
];

/** How every bundle is built: for Lambda, the SDK included, so that what runs is what was tested and not what the runtime brings. */
export const BUILD = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // As modules the SDK's packages lose what is not used of them.
  mainFields: ['module', 'main'],
  external: NEVER_IMPORTED,
  alias: { '@aws-sdk/endpoint-cache': join(ROOT, 'infra', 'no-endpoint-cache.ts') },
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'error',
} satisfies BuildOptions;

/** How the bundles of functions are written: what is imported while they run (`import()`) is in files of its own, which most cold starts never read. */
export const IN_PARTS = {
  ...BUILD,
  splitting: true,
  entryNames: 'index',
  outExtension: { '.js': '.mjs' },
} satisfies BuildOptions;

/**
 * Bundles a function's entry into a folder: `index.mjs` and its further parts; their source maps, for stack traces in the log; and the
 * files that it reads. Answers what esbuild says of the parts, by their files.
 */
export function bundle(name: FunctionName, folder: string): Metafile['outputs'] {
  const entry = join('functions', `${name}.ts`);
  const { metafile } = buildSync({
    ...IN_PARTS,
    entryPoints: [entry],
    outdir: folder,
    metafile: true,
  });
  const parts = partsOf(metafile, entry);
  // esbuild writes one for each `import()` that it has read, that of code which it leaves out, too.
  for (const file of Object.keys(metafile.outputs)) {
    if (parts[file.replace(/\.map$/, '')] === undefined) rmSync(join(ROOT, file));
  }
  const assets = ASSETS[name];
  if (assets !== undefined) cpSync(join(ROOT, assets), join(folder, 'assets'), { recursive: true });
  if (!existsSync(join(folder, 'index.mjs'))) throw new Error(`The function ${name} has no bundle`);
  return parts;
}

/** The outputs that an entry imports, itself and theirs included. */
function partsOf({ outputs }: Metafile, entry: string): Metafile['outputs'] {
  const used = new Set(Object.keys(outputs).filter((file) => outputs[file]?.entryPoint === entry));
  // A set that grows while it is walked is walked to its new end.
  for (const file of used) for (const { path } of outputs[file]?.imports ?? []) if (path in outputs) used.add(path);
  return Object.fromEntries(Object.entries(outputs).filter(([file]) => used.has(file)));
}
