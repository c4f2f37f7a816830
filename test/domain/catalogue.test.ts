import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, EVENT_TYPES, type EventType, isEventType, offCatalogue } from '../../functions/domain/catalogue.ts';

type Json = Record<string, unknown>;
type Path = readonly string[];

function sampleOf(type: EventType): Json {
  return structuredClone(CATALOGUE[type].sample);
}

function at(root: unknown, path: Path): Json {
  return path.reduce<Json>((node, key) => node[key] as Json, root as Json);
}

function withField(type: EventType, path: Path, value: unknown): Json {
  const sample = sampleOf(type);
  at(sample, path.slice(0, -1))[path.at(-1) ?? ''] = value;
  return sample;
}

/** The path of every value within the sample, but for what lies in a trigger's free-form data. */
function pathsOf(node: unknown, path: Path = []): readonly Path[] {
  if (typeof node !== 'object' || node === null || path.at(-1) === 'data') return [path];
  const below = Object.entries(node).flatMap(([key, value]) => pathsOf(value, [...path, key]));
  return path.length > 0 ? [path, ...below] : below;
}

/** A chain of so many namespaces, each the parent of the one before. */
function namespaces(levels: number): Json {
  let namespace = at(sampleOf('namespaces'), ['namespace']);
  for (let level = 1; level < levels; level += 1) namespace = { ...namespace, parent: namespace };
  return namespace;
}

function nested(levels: number, wrap: (inner: unknown) => unknown, core: unknown = null): unknown {
  let value = core;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

describe('the event types', () => {
  it('are the 15 documented ones, in the documented order', () => {
    expect(EVENT_TYPES.join(' ')).toBe(
      'build.submitted build.started build.finished build.tagged build.pinned build.unpinned invite.sent invite.accepted invite.rejected namespaces cron images objects variables ssh_keys',
    );
    expect(Object.keys(CATALOGUE)).toEqual(EVENT_TYPES);
  });

  it.each(EVENT_TYPES)('%s is described under its own name', (type) => {
    expect(CATALOGUE[type].type).toBe(type);
    expect(CATALOGUE[type].description).toMatch(/^[A-Z].{20,150}\.$/);
    expect(isEventType(type)).toBe(true);
  });

  it.each(['', 'build', 'Build.submitted', 'cron ', 'constructor', '__proto__'])('%j is none', (text) => {
    expect(isEventType(text)).toBe(false);
  });
});

describe('the samples', () => {
  it.each(EVENT_TYPES)('%s: is on-catalogue', (type) => {
    expect(offCatalogue(type, sampleOf(type))).toBeUndefined();
  });

  it.each([
    ['build.submitted', { status: 'queued', started_at: null, finished_at: null, output: null }],
    ['build.started', { status: 'running', started_at: expect.any(String), finished_at: null, output: null }],
    [
      'build.finished',
      {
        status: 'passed',
        started_at: expect.any(String),
        finished_at: expect.any(String),
        output: expect.stringMatching(/./),
      },
    ],
    ['build.pinned', { pinned: true }],
    ['build.unpinned', { pinned: false }],
    [
      'objects',
      { object: { md5: expect.stringMatching(/^[0-9a-f]{32}$/), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    ],
  ] as const)('%s: has the values of its type', (type, expected) => {
    expect(sampleOf(type)).toMatchObject(expected);
  });
});

describe('a payload with a field of another kind', () => {
  it.each(EVENT_TYPES)('%s: is named, wherever it stands, and its value is not', (type) => {
    const sample = sampleOf(type);
    for (const path of pathsOf(sample)) {
      const value: unknown = at(sample, path);
      const misfit = typeof value === 'string' || value === null ? 4242.42 : 's3cr3t';
      const complaint = offCatalogue(type, withField(type, path, misfit));
      expect(complaint).toMatch(`${path.join('.')} is no`);
      expect(complaint).not.toMatch(/4242|s3cr3t/);
    }
  });
});

describe('what the catalogue does not know', () => {
  it.each(EVENT_TYPES)('%s: unknown fields pass, in every object', (type) => {
    const sample = sampleOf(type);
    const objects = [[], ...pathsOf(sample)].filter((path) => {
      const node = at(sample, path);
      return typeof node === 'object' && node !== null && !Array.isArray(node) && path.at(-1) !== 'data';
    });
    for (const path of objects) {
      expect(offCatalogue(type, withField(type, [...path, 'new_field'], { of: ['any', 1] }))).toBeUndefined();
    }
  });

  it.each(EVENT_TYPES.slice(9))('%s: another action passes', (type) => {
    expect(offCatalogue(type, { ...sampleOf(type), action: 'downloaded' })).toBeUndefined();
  });
});

describe('namespaces within namespaces', () => {
  it('fit 20 deep and no deeper', () => {
    expect(offCatalogue('namespaces', { action: 'created', namespace: namespaces(20) })).toBeUndefined();
    const complaint = offCatalogue('namespaces', { action: 'created', namespace: namespaces(21) });
    expect(complaint).toBe(`namespace${'.parent'.repeat(20)} lies deeper than namespaces nest.`);
  });

  it('are checked at every level, in a sentence of 200 characters at most', () => {
    const namespace = namespaces(20);
    const topmost = at(namespace, Array(19).fill('parent'));
    const build = { ...sampleOf('build.finished'), trigger: { type: 's3cr3t', comment: '', data: {} } };
    Object.assign(topmost, { build });
    const tag = { name: 'a', url: 'b', build: { ...sampleOf('build.finished'), namespace } };
    const complaint = offCatalogue('build.tagged', { ...sampleOf('build.tagged'), tags: [tag] });
    expect(complaint).toMatch(/^….*\.parent\.build\.trigger\.type is none of the documented values\.$/);
    expect(complaint?.length).toBeLessThanOrEqual(200);
  });
});

describe('offCatalogue', () => {
  const anyType = fc.constantFrom(...EVENT_TYPES);
  const isShort = (complaint: string | undefined) => complaint === undefined || /^.{1,200}$/.test(complaint);

  it('never throws for a payload of any JSON', () => {
    fc.assert(
      fc.property(anyType, fc.jsonValue(), (type, payload) => {
        const complaint = offCatalogue(type, payload);
        return complaint !== undefined && isShort(complaint);
      }),
    );
  });

  it('never throws for a sample with any JSON in any place', () => {
    const anyPlace = anyType.chain((type) => fc.tuple(fc.constant(type), fc.constantFrom(...pathsOf(sampleOf(type)))));
    fc.assert(
      fc.property(anyPlace, fc.jsonValue(), ([type, path], value) =>
        isShort(offCatalogue(type, withField(type, path, value))),
      ),
    );
  });

  it.each([null, undefined, 's3cr3t', 424242, true])('says that %j is no object', (payload) => {
    expect(offCatalogue('cron', payload)).toBe('The payload is no object.');
  });

  it.each([[[]], [[{ action: 'created' }]]])('refuses an array: %j', (payload) => {
    expect(offCatalogue('cron', payload)).toBe('action is missing.');
  });

  it('looks no further than the first field that does not fit', () => {
    const payload = { ...sampleOf('build.submitted'), id: 'x' };
    Object.defineProperty(payload, 'trigger', {
      get: () => {
        throw new Error('looked on');
      },
    });
    expect(offCatalogue('build.submitted', payload)).toBe('id is no number.');
  });

  it.each(EVENT_TYPES)('%s: bears 10,000 levels of arrays, objects, builds and parents', (type) => {
    const build = sampleOf('build.finished');
    const namespace = namespaces(1);
    const inBuilds = nested(5_000, (inner) => ({ ...build, namespace: { ...namespace, build: inner } }));
    const deep = [
      nested(10_000, (inner) => [inner]),
      nested(10_000, (inner) => ({ namespace: inner, build: inner, parent: inner })),
      inBuilds,
      namespaces(10_000),
    ];
    for (const value of deep) {
      expect(isShort(offCatalogue(type, value))).toBe(true);
      for (const key of Object.keys(sampleOf(type))) {
        expect(isShort(offCatalogue(type, { ...sampleOf(type), [key]: value }))).toBe(true);
      }
      expect(offCatalogue(type, { ...sampleOf(type), new_field: value })).toBeUndefined();
    }
    expect(offCatalogue('build.finished', inBuilds)).toBeUndefined();
  });
});
