import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE, EVENT_TYPES, type EventType, offCatalogue } from '../../functions/domain/catalogue.ts';
import { eventTypeEntities } from '../../functions/web/api/catalogue.ts';
import { type Api, headersOf, openApi, read } from './api.ts';

type Json = Record<string, unknown>;
type Path = readonly string[];

/** Values of every kind: in most places most of them are misfits. */
const VALUES = [null, true, 7, 4242.42, 's3cr3t', '2026-03-09T14:05:12Z', [], ['a'], [1], {}, { a: 'b' }, { a: 1 }];

// Strict: it refuses keywords that JSON Schema does not know.
const ajv = new Ajv2020({ strict: true, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) } });
const entities = new Map(eventTypeEntities().map((entity) => [entity.type, entity]));
const validators = new Map(EVENT_TYPES.map((type) => [type, ajv.compile(schemaOf(type))]));

let api: Api;

beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  expect(api.bugs).toEqual([]);
  await api.stop();
});

async function get(token?: string, path = '/events'): Promise<Response> {
  return api.call(path, { token: token ?? null });
}

function schemaOf(type: EventType): Json {
  return structuredClone(entities.get(type)?.schema) as Json;
}

function fits(type: EventType, payload: unknown): boolean {
  return validators.get(type)?.(payload) === true;
}

function at(root: unknown, path: Path): Json {
  return path.reduce<Json>((node, key) => node[key] as Json, root as Json);
}

/** The sample after a change where the path leads: without that field, or with another value in it. */
function changed(type: EventType, path: Path, change: { readonly value?: unknown }): Json {
  const sample: Json = structuredClone(CATALOGUE[type].sample);
  const [parent, key = ''] = [at(sample, path.slice(0, -1)), path.at(-1)];
  if ('value' in change) parent[key] = change.value;
  else delete parent[key];
  return JSON.parse(JSON.stringify(sample)) as Json;
}

function pathsOf(node: unknown, path: Path = []): readonly Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  const below = Object.entries(node).flatMap(([key, value]) => pathsOf(value, [...path, key]));
  return path.length > 0 ? [path, ...below] : below;
}

describe('GET /events', () => {
  it('answers every type in order, with its description and sample, to any token', async () => {
    const body = await read<readonly Json[]>(get(await api.tokenOf('stranger', [])));
    expect(body.map(({ type }) => type)).toEqual(EVENT_TYPES);
    expect(body).toHaveLength(15);
    for (const { type, schema, ...rest } of body) {
      const { description, sample } = CATALOGUE[type as EventType];
      expect(rest).toEqual({ description, sample });
      expect(schema).toEqual(schemaOf(type as EventType));
    }
  });

  it.each([undefined, 'djinn_abc'])('is not there for the token %s', async (token) => {
    const [response, nothing] = [await get(token), await get(token, '/no/such/path')];
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Not found"}']);
    expect(headersOf(response)).toEqual(headersOf(nothing));
  });

  it('converts once', () => {
    expect(eventTypeEntities()).toBe(eventTypeEntities());
  });
});

describe('the JSON Schemas', () => {
  it.each(EVENT_TYPES)('%s: holds for the sample', (type) => {
    expect(fits(type, CATALOGUE[type].sample)).toBe(true);
  });

  it.each(EVENT_TYPES)('%s: is draft 2020-12, open, and defines what it refers to and nothing else', (type) => {
    const { $defs, ...payload } = schemaOf(type);
    expect(payload['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const text = JSON.stringify(schemaOf(type));
    expect(text).not.toMatch(/valibot|"additionalProperties":false|"kind"|"~/);
    const referred = new Set([...text.matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)].map(([, name]) => name));
    expect(Object.keys($defs as Json).sort()).toEqual([...referred].sort());
  });

  it.each(EVENT_TYPES)('%s: refuses the sample without a field, or with another kind of it, as we do', (type) => {
    const verdicts = { on: 0, off: 0 };
    for (const path of pathsOf(CATALOGUE[type].sample)) {
      for (const change of [{}, ...VALUES.map((value) => ({ value }))]) {
        const payload = changed(type, path, change);
        const isOn = offCatalogue(type, payload) === undefined;
        expect(fits(type, payload), `${path.join('.')} ${JSON.stringify(change)}`).toBe(isOn);
        verdicts[isOn ? 'on' : 'off'] += 1;
      }
    }
    expect(Math.min(verdicts.on, verdicts.off)).toBeGreaterThan(20);
  });

  it.each(EVENT_TYPES)('%s: bears unknown fields', (type) => {
    const objects = pathsOf(CATALOGUE[type].sample).filter((path) => path.at(-1) === 'created_at');
    for (const path of objects) {
      const payload = changed(type, [...path.slice(0, -1), 'new_field'], { value: { of: ['any', 1] } });
      expect(fits(type, payload)).toBe(true);
    }
    expect(objects.length).toBeGreaterThan(0);
  });

  it('say what only code can check as far as they can', () => {
    const { properties } = schemaOf('build.started') as { properties: Json };
    expect(properties['started_at']).toEqual({ type: 'string', format: 'date-time' });
    expect(properties['finished_at']).toEqual({ anyOf: [properties['started_at'], { type: 'null' }] });
    expect(properties['trigger']).toHaveProperty('properties.data.additionalProperties', { type: 'string' });
    const parent = { anyOf: [{ $ref: '#/$defs/Namespace' }, { type: 'null' }] };
    expect(schemaOf('cron')).toHaveProperty(['$defs', 'Namespace', 'properties', 'parent'], parent);
    expect(schemaOf('build.tagged')).toHaveProperty('properties.user', {
      $ref: '#/$defs/User',
      description: 'Who tagged the build.',
    });
  });

  it('hold for all that we hold for documented: parents of parents, and a latest build with part of its namespace', () => {
    const namespace = CATALOGUE.namespaces.sample['namespace'] as Json;
    const build = { ...CATALOGUE['build.finished'].sample, namespace: { id: 1 } };
    let nested: Json = { ...namespace, build };
    for (let level = 1; level < 20; level += 1) nested = { ...namespace, parent: nested };
    const payload = { action: 'created', namespace: nested };
    expect([offCatalogue('namespaces', payload), fits('namespaces', payload)]).toEqual([undefined, true]);
    const topmost = at(nested, Array(19).fill('parent'));
    topmost['build'] = { ...build, namespace: 7 };
    expect(fits('namespaces', payload)).toBe(false);
    Object.assign(topmost, { build, path: 7 });
    expect(fits('namespaces', payload)).toBe(false);
  });
});
