import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

type Import = { readonly from: string; readonly to: string };

/** What each layer may import of ours, beside itself: data goes one way. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'functions/domain': [],
  'functions/store': ['functions/domain'],
  'functions/transport': ['functions/domain'],
  'functions/actions': ['functions/domain', 'functions/store', 'functions/transport'],
  'functions/web': ['functions/domain', 'functions/actions'],
  'functions/runtime': [
    'functions/domain',
    'functions/store',
    'functions/transport',
    'functions/actions',
    'functions/web',
  ],
  functions: ['functions/domain', 'functions/actions', 'functions/runtime', 'functions/web'],
};

/** What the pure layer may import of others: functions of their arguments, and nothing else. */
const PURE = ['valibot', 'node:crypto', 'node:net', 'node:zlib'];
/** What stands for a clock, chance, an environment or the outside, and so for an impure domain. */
const IMPURE =
  /\b(process|fetch|setTimeout|setInterval|Math\.random|Date\.now|randomUUID|randomBytes|console)\b|new Date\(\)/;

const files = globSync('{functions,infra}/**/*.ts').map((file) => file.replaceAll('\\', '/'));
const imports: readonly Import[] = files.flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';|\bimport\('([^']+)'\)/gm)].map(
    ([, named, called]) => ({ from, to: named ?? called ?? '' }),
  ),
);
const ours = imports
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to }) => ({ from, to: normalize(join(dirname(from), to)) }));

/** The innermost layer that a file is of; undefined for infra. */
function layerOf(file: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((layer) => file.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

describe('the layers', () => {
  it('are looked at whole', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(ours.length).toBeGreaterThan(150);
    expect(ours.filter(({ to }) => !files.includes(to))).toEqual([]);
  });

  it('import downwards only', () => {
    const upwards = ours.filter(({ from, to }) => {
      const [layer, other] = [layerOf(from), layerOf(to)];
      if (layer === undefined) return false;
      return other === undefined || (other !== layer && !LAYERS[layer]?.includes(other));
    });
    expect(upwards).toEqual([]);
  });

  it('keep the API and the console apart: both are made of the same actions, and neither of the other', () => {
    const [api, pages] = ['functions/web/api/', 'functions/web/console/'];
    const between = ours.filter(
      ({ from, to }) =>
        (from.startsWith(api) && to.startsWith(pages)) || (from.startsWith(pages) && to.startsWith(api)),
    );
    expect(between).toEqual([]);
  });

  it('have no circles, not even of types', () => {
    // What remains after taking away, again and again, every file that imports none of the rest.
    let rest = new Set(files);
    for (let before = 0; before !== rest.size; ) {
      before = rest.size;
      const tied = new Set(ours.filter(({ to }) => rest.has(to)).map(({ from }) => from));
      rest = new Set([...rest].filter((file) => tied.has(file)));
    }
    expect([...rest]).toEqual([]);
  });

  it('have a pure domain', () => {
    const domain = files.filter((file) => file.startsWith('functions/domain/'));
    const foreign = imports.filter(
      ({ from, to }) => domain.includes(from) && !to.startsWith('.') && !PURE.includes(to),
    );
    expect(foreign).toEqual([]);
    expect(domain.filter((file) => IMPURE.test(withoutComments(file)))).toEqual([]);
  });

  it('open no socket but in transport, and know the table only in the store', () => {
    const may = (from: string, layer: string) => layerOf(from) === layer || layerOf(from) === 'functions/runtime';
    const functions = imports.filter(({ from }) => from.startsWith('functions/'));
    const opensSockets = /^(undici|node:(http|https|http2|tls|dgram|dns)(\/promises)?)$/;
    expect(functions.filter(({ from, to }) => opensSockets.test(to) && !may(from, 'functions/transport'))).toEqual([]);
    const callers = functions.filter(({ from, to }) => to === 'node:net' && layerOf(from) !== 'functions/domain');
    expect(new Set(callers.map(({ from }) => layerOf(from)))).toEqual(new Set(['functions/transport']));
    expect(functions.filter(({ from, to }) => /dynamodb/.test(to) && !may(from, 'functions/store'))).toEqual([]);
    expect(
      functions.filter(({ from, to }) => /client-(sqs|kms|eventbridge)/.test(to) && !may(from, 'functions/transport')),
    ).toEqual([]);
  });

  it('do not ask where they run: only the runtime reads the environment', () => {
    const readers = files.filter((file) => file.startsWith('functions/') && /\bprocess\b/.test(withoutComments(file)));
    // The log writes to its streams.
    expect(readers).toEqual(['functions/runtime/env.ts', 'functions/runtime/log.ts']);
    expect(withoutComments('functions/runtime/log.ts')).not.toMatch(/process\.env|\benv\b/);
  });
});

function withoutComments(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'/gm, '');
}
