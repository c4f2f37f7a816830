import { cpSync, existsSync } from 'node:fs';
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
  // `Headers`, `Request` and `Response` are these in every module of a bundle.
  inject: ['functions/runtime/fetch-classes.ts'],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'error',
} satisfies BuildOptions;

/**
 * Bundles a function's entry into a folder: `index.mjs`; its source map, for stack traces in the log; and the files that it reads.
 * Answers what esbuild says of the bundle.
 */
export function bundle(name: FunctionName, folder: string): Metafile {
  const outfile = join(folder, 'index.mjs');
  const { metafile } = buildSync({ ...BUILD, entryPoints: [join('functions', `${name}.ts`)], outfile, metafile: true });
  const assets = ASSETS[name];
  if (assets !== undefined) cpSync(join(ROOT, assets), join(folder, 'assets'), { recursive: true });
  if (!existsSync(outfile)) throw new Error(`The function ${name} has no bundle`);
  return metafile;
}
