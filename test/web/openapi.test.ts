import type { JsonSchema } from '@valibot/to-json-schema';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRfc3339 } from '../../functions/domain/timestamp.ts';
import type { OpenApiDocument, OperationObject } from '../../functions/web/openapi/objects.ts';
import { allowedBy, anyJson } from '../support/json-schema.ts';
import { type Api, openApi, read } from './api.ts';
import { leave, makeSomewhere, type Somewhere, withRecovery } from './somewhere.ts';

type Operation = OperationObject & { readonly method: string; readonly path: string };
type Fields = Readonly<Record<string, unknown>>;
/** `somewhere` is a path that leads to what there is when the request is sent. */
type Request = {
  readonly path: Fields | 'somewhere';
  readonly query: Fields;
  readonly body?: unknown;
  readonly type?: string;
};

const RUNS_PER_OPERATION = 120;
/** Some two thousand requests; on a busy machine they take their time. */
const GENERATED_MS_MAX = 240_000;

let api: Api;
let document: OpenApiDocument;
let ajv: Ajv2020;
const validators = new Map<string, ValidateFunction>();
let operations: readonly Operation[];
let somewhere: Somewhere;

beforeAll(async () => {
  api = await openApi();
  document = await read<OpenApiDocument>(api.call('/openapi.json', { token: null }));
  ajv = new Ajv2020({ strict: true, validateSchema: true, formats: { 'date-time': isRfc3339, uuid: true } });
  ajv.addSchema({ $id: 'api', $defs: withRefs(document.components.schemas, '#/$defs/') });
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  somewhere = await makeSomewhere(api);
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

/** What earlier requests have deleted, deactivated or ended is in the way of later ones: they are led somewhere else. */
async function renew(): Promise<void> {
  await leave(api, somewhere);
  somewhere = await makeSomewhere(api);
}

/** JSON Schema looks definitions up elsewhere than OpenAPI. */
function withRefs(schemas: object, to: string): Record<string, JsonSchema> {
  return JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', to));
}

/** Whether a value is as a schema of the document says. */
function fits(schema: JsonSchema, value: unknown): boolean {
  const key = JSON.stringify(schema);
  const validate = validators.get(key) ?? ajv.compile(withRefs(schema, 'api#/$defs/'));
  validators.set(key, validate);
  return validate(value);
}

async function send({ method, path }: Operation, request: Request): Promise<Response> {
  if (path.includes('{recovery}')) somewhere = await withRecovery(api, somewhere);
  const values: Fields = request.path === 'somewhere' ? somewhere : request.path;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(values[name])));
  const query = new URLSearchParams(
    Object.entries(request.query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const { body, type = 'application/json' } = request;
  return api.call(
    `${filled}?${query}`,
    body === undefined ? { method } : { method, body, headers: { 'content-type': type } },
  );
}

/** An answer must be one that the document has, with a body as it says. */
async function expectDocumented(operation: Operation, request: Request): Promise<number> {
  const response = await send(operation, request);
  const documented = operation.responses[response.status];
  const text = await response.text();
  const what = `${operation.operationId} ${JSON.stringify(request).slice(0, 500)} → ${response.status} ${text.slice(0, 500)}`;
  expect(documented, `not documented: ${what}`).toBeDefined();
  const schema = documented?.content?.['application/json'].schema;
  if (schema === undefined) expect(text, what).toBe('');
  else expect(fits(schema, JSON.parse(text)), `not of its schema: ${what}`).toBe(true);
  for (const name of ['link', 'location', 'x-request-id'].filter((header) => response.headers.has(header))) {
    expect(Object.keys(documented?.headers ?? {}).map((header) => header.toLowerCase())).toContain(name);
  }
  return response.status;
}

function schemaOfBody(operation: Operation): JsonSchema | undefined {
  return operation.requestBody?.content['application/json'].schema;
}

function queryOf(operation: Operation) {
  const parameters = operation.parameters.filter((parameter) => parameter.in === 'query');
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  return { type: 'object' as const, properties, required: [] };
}

/** Requests that the document allows; most of their paths lead somewhere. */
function allowed(operation: Operation): fc.Arbitrary<Request> {
  const { schemas } = document.components;
  const ofPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const random = fc.record(Object.fromEntries(ofPath.map(({ name, schema }) => [name, allowedBy(schema, schemas)])));
  const somewhere = fc.constant('somewhere' as const);
  const path = fc.oneof({ weight: 4, arbitrary: somewhere }, { weight: 1, arbitrary: random });
  const hasQuery = Object.keys(queryOf(operation).properties).length > 0;
  const query = (hasQuery ? allowedBy(queryOf(operation), schemas) : fc.constant({})) as fc.Arbitrary<Fields>;
  const body = schemaOfBody(operation);
  return body === undefined
    ? fc.record({ path, query })
    : fc.record({ path, query, body: fc.oneof(allowedBy(body, schemas), exampleOf(operation)) });
}

function exampleOf(operation: Operation): fc.Arbitrary<unknown> {
  return fc.constant(operation.requestBody?.content['application/json'].example);
}

/** Requests that the document forbids: one thing about them is wrong. */
function forbidden(operation: Operation): readonly fc.Arbitrary<Request>[] {
  const base = { path: 'somewhere' as const, query: {} };
  const ofQuery = Object.entries(queryOf(operation).properties).map(([name, schema]) =>
    fc
      .oneof(fc.string(), fc.integer().map(String), fc.constantFrom('0', '-1', '1e9', '1000000000', '', 'null'))
      .filter((text) => !fits(schema, /^\d+$/.test(text) && schema.type === 'integer' ? Number(text) : text))
      .map((text) => ({ ...base, query: { [name]: text }, ...bodyExample(operation) })),
  );
  const schema = schemaOfBody(operation);
  return schema === undefined ? ofQuery : [...ofQuery, ...forbiddenBodies(operation, schema)];
}

function bodyExample(operation: Operation): { readonly body?: unknown } {
  const example = operation.requestBody?.content['application/json'].example;
  return example === undefined ? {} : { body: example };
}

function forbiddenBodies(operation: Operation, schema: JsonSchema): readonly fc.Arbitrary<Request>[] {
  const base = { path: 'somewhere' as const, query: {} };
  const example = bodyExample(operation).body as Fields;
  const properties = Object.entries(schema.properties ?? {}) as readonly (readonly [string, JsonSchema])[];
  const wrongs = properties.map(([name, property]) =>
    anyJson.filter((value) => !fits(property, value)).map((value) => ({ ...example, [name]: value })),
  );
  const unknown = fc
    .tuple(fc.string(), anyJson)
    .filter(([name]) => !(name in (schema.properties ?? {})))
    .map(([name, value]) =>
      JSON.stringify(example).replace(/\}$/, `,${JSON.stringify(name)}:${JSON.stringify(value)}}`),
    );
  const missing = fc
    .constantFrom(...(schema.required ?? []), '')
    .filter((name) => name !== '')
    .map((name) => Object.fromEntries(Object.entries(example).filter(([field]) => field !== name)));
  const noObject = anyJson.filter((value) => typeof value !== 'object' || value === null || Array.isArray(value));
  const cut = fc
    .nat({ max: JSON.stringify(example).length - 1 })
    .map((length) => JSON.stringify(example).slice(0, length));
  const bodies = [...wrongs, unknown, noObject.map((value) => JSON.stringify(value)), cut];
  if ((schema.required ?? []).length > 0) bodies.push(missing);
  const otherType = fc.constantFrom('text/plain', 'application/xml', 'multipart/form-data; boundary=x');
  return [
    ...bodies.map((arbitrary) => arbitrary.map((body) => ({ ...base, body }))),
    otherType.map((type) => ({ ...base, body: example, type })),
  ];
}

describe('the document', () => {
  it('has every operation by a name of its own, and speaks of who may', () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(15);
    expect(operations.every(({ security }) => security.length === 1)).toBe(true);
  });

  it('has schemas that are valid, and examples that fit them', () => {
    let examples = 0;
    for (const operation of operations) {
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const media of bodies.flatMap((body) => body?.content?.['application/json'] ?? [])) {
        if (media.example === undefined) continue;
        expect(fits(media.schema, media.example), operation.operationId).toBe(true);
        examples += 1;
      }
    }
    expect(examples).toBeGreaterThanOrEqual(15);
  });
});

describe('the server is as the document says', () => {
  it(
    'for what is allowed: every operation answers as it should at least once',
    async () => {
      const statuses = new Map<number, number>();
      const succeeded = new Set<string>();
      for (const operation of operations) {
        await renew();
        await fc.assert(
          fc.asyncProperty(allowed(operation), async (request) => {
            const status = await expectDocumented(operation, request);
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            if (status < 300) succeeded.add(operation.operationId);
            if (operation.method === 'DELETE' && status === 204) await renew();
          }),
          { numRuns: RUNS_PER_OPERATION },
        );
      }
      expect(operations.map(({ operationId }) => operationId).filter((name) => !succeeded.has(name))).toEqual([]);
      // Not all of them went astray.
      for (const status of [200, 201, 202, 204, 400, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(5);
    },
    GENERATED_MS_MAX,
  );

  it(
    'for what is forbidden: a refusal, and never a success',
    async () => {
      for (const operation of operations) {
        for (const requests of forbidden(operation)) {
          await fc.assert(
            fc.asyncProperty(requests, async (request) => {
              const status = await expectDocumented(operation, request);
              expect([400, 413, 415], `${operation.operationId} ${JSON.stringify(request)}`).toContain(status);
            }),
            { numRuns: RUNS_PER_OPERATION / 4 },
          );
        }
      }
    },
    GENERATED_MS_MAX,
  );
});
