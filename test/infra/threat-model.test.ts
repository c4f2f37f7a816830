import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/threat-model.md', 'utf8');
const policy = readFileSync('SECURITY.md', 'utf8');

/** The rows of threats: what is threatened, where it is stopped, and which tests show it. */
const rows = [...page.matchAll(/^\| (?!threat |who |---)(.+?) \| (.+?) \| (.+?) \|$/gm)]
  .map(([, threat = '', stoppedIn = '', shownBy = '']) => ({ threat, stoppedIn, shownBy }))
  .filter(({ shownBy }) => shownBy.includes('`test/'));

/** Files that are named in a text. */
function filesIn(text: string): string[] {
  return [...text.matchAll(/`((?:functions|infra|test|docs|\.ci)\/[\w./-]+)`/g)].map(([, file = '']) => file);
}

/** Tests that are named in a text: a file, then one or more titles of it, or parts of titles. */
function testsIn(text: string): { readonly file: string; readonly title: string }[] {
  return [...text.matchAll(/`(test\/[\w./-]+)`((?:,? "[^"]+")*)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
  );
}

describe('the threat model', () => {
  it('says of every threat where it is stopped and which test shows it', () => {
    expect(rows.length).toBeGreaterThanOrEqual(30);
    expect(rows.filter(({ shownBy }) => testsIn(shownBy).length === 0)).toEqual([]);
    const tables =
      page
        .split('## Threats')[1]
        ?.split('\n## ')[0]
        ?.match(/^\| (?!threat |---)/gm) ?? [];
    expect(tables, 'no row is passed over').toHaveLength(rows.length);
  });

  it('names files that there are', () => {
    const files = [...filesIn(page), ...filesIn(policy)];
    expect(files.length).toBeGreaterThan(60);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it.each(rows)('names tests that there are: $threat', ({ shownBy }) => {
    for (const { file, title } of testsIn(shownBy)) {
      const titles = [...readFileSync(file, 'utf8').matchAll(/'([^'\n]+)'/g)].map(([, text]) => text);
      expect(
        titles.some((text) => text?.includes(title)),
        `${file} "${title}"`,
      ).toBe(true);
    }
  });
});

it('SECURITY.md says how to report, and leads to the threat model', () => {
  expect(policy).toContain('## Reporting a vulnerability');
  expect(policy).toContain('(docs/threat-model.md)');
});
