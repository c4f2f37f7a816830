import type { JsonSchema } from '@valibot/to-json-schema';
import fc, { type Arbitrary } from 'fast-check';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** Every JSON value, small and often hostile. */
export const anyJson: Arbitrary<unknown> = fc.jsonValue({ maxDepth: 3 });

const TIME = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Makes values that a schema allows, as far as our document makes use of JSON Schema. Throws for what it does not know. */
export function allowedBy(schema: JsonSchema, schemas: Schemas): Arbitrary<unknown> {
  if (schema.$ref !== undefined) return allowedBy(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => allowedBy(one as JsonSchema, schemas)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return strings(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1e9, max: Math.min(schema.maximum ?? 1e9, 1e9) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(allowedBy(schema.items as JsonSchema, schemas), { maxLength: 5 });
    case 'object':
      return objects(schema, schemas);
    default:
      throw new Error(`No values are known for ${JSON.stringify(schema)}`);
  }
}

function strings(schema: JsonSchema): Arbitrary<string> {
  if (schema.format === 'date-time') return TIME;
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  const lengths = { minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 300, 300) };
  return fc.oneof(fc.string(lengths), fc.string({ unit: 'binary', ...lengths }), fc.webUrl());
}

function objects({ properties = {}, required = [] }: JsonSchema, schemas: Schemas): Arbitrary<unknown> {
  const names = Object.keys(properties);
  if (names.length === 0) return fc.dictionary(fc.string(), anyJson, { maxKeys: 5 });
  const record = Object.fromEntries(names.map((name) => [name, allowedBy(properties[name] as JsonSchema, schemas)]));
  return fc.record(record, { requiredKeys: required.filter((name) => names.includes(name)) });
}
