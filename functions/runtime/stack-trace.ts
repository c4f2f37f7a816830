import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

const OWN_FOLDER = new URL('.', import.meta.url);

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack by the sources: what is in a file of the bundle that has its source map beside it (`<file>.map`) is where it was written, all
 * else stays. Maps are read with the first stack that needs them: Node's own `--enable-source-maps` reads them at every cold start.
 */
export function bySources(stack: string, folder = OWN_FOLDER): string {
  return stack.replace(placesIn(folder), (place: string, file: string, line: string, column: string) => {
    const entry = mapOf(new URL(`${file}.map`, folder))?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    // Named from the folder that the bundle was built into, somewhere below the root.
    const source = entry.originalSource.replace(/^(\.\.\/)+/, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Where frames are: a file of a folder, a line and a column, both from 1 on. Messages may be long, so the folder is not searched for by its form. */
function placesIn(folder: URL): RegExp {
  return new RegExp(`${RegExp.escape(folder.href)}([\\w.-]+):(\\d+):(\\d+)`, 'g');
}

function mapOf(url: URL): SourceMap | undefined {
  if (!maps.has(url.href)) {
    maps.set(url.href, existsSync(url) ? new SourceMap(JSON.parse(readFileSync(url, 'utf8'))) : undefined);
  }
  return maps.get(url.href);
}
