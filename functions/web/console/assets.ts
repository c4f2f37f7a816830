import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Context } from 'hono';

const SCRIPT = 'text/javascript; charset=utf-8';

/** What pages refer to: its type, and the files that it is made of, one after the other. They stand beside this module, and beside its bundle. */
const ASSETS = {
  // What is narrow comes last: it takes back what was said for wide screens.
  'console.css': {
    type: 'text/css; charset=utf-8',
    files: ['base.css', 'parts.css', 'forms.css', 'drawings.css', 'log.css', 'delivery.css', 'narrow.css'],
  },
  'live.js': { type: SCRIPT, files: ['live.js'] },
  'forms.js': { type: SCRIPT, files: ['forms.js'] },
  'icon.svg': { type: 'image/svg+xml', files: ['icon.svg'] },
} as const;

export type AssetName = keyof typeof ASSETS;
type Asset = { readonly text: string; readonly type: string; readonly hashedName: string };

export type Assets = ReturnType<typeof readAssets>;

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Reads the files once. Throws where one is missing: a deployment without them would be one without its looks. */
export function readAssets() {
  const assets = new Map(Object.entries(ASSETS).map(([name, asset]) => [name, readAsset(name, asset)]));
  return {
    /** The name of a file with a hash of what is in it, which is in its URL: other contents have another URL. */
    hashedName: (name: AssetName): string => assets.get(name)?.hashedName ?? name,

    /**
     * Answers a file by its hashed name, to be kept for good. A page of the release before asks by another hash: it gets the file as it
     * is now, which is better than none; undefined for what is no file of ours.
     */
    answer(context: Context, hashedName: string): Response | undefined {
      const asset = assets.get(hashedName.replace(/\.[0-9a-f]{16}\./, '.'));
      if (asset === undefined) return undefined;
      const isPresent = asset.hashedName === hashedName;
      const cacheControl = isPresent ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache';
      return context.body(asset.text, 200, { 'content-type': asset.type, 'cache-control': cacheControl });
    },
  };
}

function readAsset(name: string, { type, files }: { readonly type: string; readonly files: readonly string[] }): Asset {
  const text = files.map((file) => readFileSync(new URL(`./assets/${file}`, import.meta.url), 'utf8')).join('\n');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { text, type, hashedName: name.replace('.', `.${hash}.`) };
}
