import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** Where a frame is: the URL of a folder and the name of a file in it, a line and a column, both from 1 on. */
const PLACE = /(file:\/\/\S*\/)([\w.-]+):(\d+):(\d+)/g;
const OWN_FOLDER = new URL('.', import.meta.url);

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack by the sources: what is in a file of the bundle that has its source map beside it (`<file>.map`) is where it was written, all
 * else stays. Maps are read with the first stack that needs them: Node's own `--enable-source-maps` reads them at every cold start.
 */
export function bySources(stack: string, folder = OWN_FOLDER): string {
  return stack.replace(PLACE, (place: string, where: string, file: string, line: string, column: string) => {
    if (where !== folder.href) return place;
    const entry = mapOf(new URL(`${file}.map`, folder))?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    // Named from the folder that the bundle was built into, somewhere below the root.
    const source = entry.originalSource.replace(/^(\.\.\/)+/, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(url: URL): SourceMap | undefined {
  if (!maps.has(url.href)) {
    maps.set(url.href, existsSync(url) ? new SourceMap(JSON.parse(readFileSync(url, 'utf8'))) : undefined);
  }
  return maps.get(url.href);
}
