import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import type { FunctionName } from '../functions/runtime/env.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folders of files that a function reads at run time, from `assets/` beside its bundle. */
const ASSETS: Partial<Record<FunctionName, string>> = { console: 'functions/web/console/assets' };

/**
 * What the SDK imports only to find credentials in ways that a laptop has. On Lambda they are in the environment, where it looks first; left
 * out, a bundle is a quarter smaller, and starts the sooner.
 */
const LAPTOP_CREDENTIALS = ['http', 'ini', 'login', 'process', 'sso', 'web-identity'].map(
  (provider) => `@aws-sdk/credential-provider-${provider}`,
);

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
  external: [...LAPTOP_CREDENTIALS, '@smithy/credential-provider-imds'],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'error',
} as const satisfies BuildOptions;

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
