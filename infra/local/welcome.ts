import { relative } from 'node:path';
import { DATA_FOLDER } from './data-dir.ts';
import { DEMO } from './seed.ts';

/** What `npm start` prints when all is up: what to open, and what to type next. */
export function welcome(of: {
  readonly url: string;
  readonly folder: string;
  readonly newToken: string | undefined;
}): string {
  const folder = quoted(relative('', of.folder) || of.folder);
  const setting = folder === DATA_FOLDER ? '' : `DATA_DIR=${folder} `;
  const api = `${of.url}/n/${DEMO.username}/${DEMO.path}/-/webhooks`;
  const token = of.newToken
    ? [`Your token, shown this once and kept in ${folder}/token:`, '', `  ${of.newToken}`, '']
    : [`Your token is in ${folder}/token.`, ''];
  return [
    '',
    `Djinn CI webhooks are up on ${of.url}`,
    '',
    ...token,
    'Open',
    `  ${of.url}/console  the webhooks and their logs: sign in with the token`,
    `  ${of.url}/inbox    what the demo webhook receives`,
    `  ${of.url}/docs     the REST API`,
    '',
    'Type next, in another terminal',
    `  ${setting}npm run ctl -- event emit build.finished`,
    `  curl -H "Authorization: Bearer $(cat ${folder}/token)" ${api}`,
    '',
    'Ctrl-C stops it. Everything is kept for the next start.',
    '',
  ].join('\n');
}

/** A path, so that a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./@%+,:=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
