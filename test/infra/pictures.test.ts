import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const shown = ['README.md', 'docs/console.md', 'docs/performance.md'].flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text = '', path = '']) => ({
    text,
    path: join(file, '..', path),
  })),
);

it('every picture of the documentation is there, and is said in words', () => {
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.filter(({ path, text }) => !existsSync(path) || text.length < 20)).toEqual([]);
});

it('every picture is shown somewhere, and is a chart or one that the browser tests take', () => {
  const paths = new Set(shown.map(({ path }) => path));
  const taken = readFileSync('test/browser/pictures.test.ts', 'utf8');
  for (const name of readdirSync('docs/images').filter((file) => file.endsWith('.png'))) {
    expect([...paths], name).toContain(`docs/images/${name}`);
    if (name.endsWith('.png')) expect(taken, name).toContain(`'${name.replace('.png', '')}'`);
  }
});
