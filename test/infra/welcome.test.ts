import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { welcome } from '../../infra/local/welcome.ts';

const said = (folder: string) => welcome({ url: 'http://localhost:8080', folder, newToken: undefined });

describe('what is said to type next', () => {
  it('names the folder only where it is another one than usual', () => {
    expect(said(`${process.cwd()}/.local`)).toContain('\n  npm run ctl -- event emit build.finished\n');
    expect(said('/var/data')).toMatch(/\n {2}DATA_DIR=\S+\/var\/data npm run ctl -- event emit/);
  });

  it.each(['/a folder/of mine', "/it's", '/a$HOME;`id`', '/a"b', '/ä'])('is one word to a shell: %s', (folder) => {
    const [line = ''] = /DATA_DIR=.*(?= npm run)/.exec(said(folder)) ?? [];
    const set = execFileSync('/bin/sh', ['-c', `${line}; printf %s "$DATA_DIR"`], { encoding: 'utf8' });
    expect(resolve(set)).toBe(folder);
    const [path = ''] = /(?<=\$\(cat ).*(?=\)")/.exec(said(folder)) ?? [];
    const command = `printf %s "$(printf %s ${path})"`;
    expect(resolve(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }))).toBe(`${folder}/token`);
  });
});
