/** The fields of a JSON Schema, in words. Knows of JSON Schema what our schemas make use of. */
import type { JsonSchema } from '@valibot/to-json-schema';

/** A schema, of an object if it has `properties`. */
export type JsonObjectSchema = Pick<JsonSchema, '$ref' | 'properties' | 'required'>;

/** What a value is: words, then the entity that they end in, or the values that there are, where there are such. */
export type TypeWords = {
  readonly words: string;
  readonly entity?: string;
  readonly choices?: readonly string[];
};

/** A field; `name` has the names of the objects that it is in before its own, with dots. */
export type Field = {
  readonly name: string;
  readonly type: TypeWords;
  readonly isNullable: boolean;
  readonly isRequired: boolean;
  readonly description: string;
};

/** The fields of an object, and behind a field that is an object in place, the fields of that. */
export function fieldsOf(schema: JsonObjectSchema, prefix = ''): readonly Field[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    const { schema: own, isNullable, description } = apart(schemaOf(property));
    const field = { name: `${prefix}${name}`, type: typeWords(own), isNullable, description };
    const inner = own.type === 'array' ? apart(schemaOf(own.items)).schema : own;
    return [{ ...field, isRequired: required.includes(name) }, ...fieldsOf(inner, `${prefix}${name}.`)];
  });
}

/** What a value of a schema is. Throws where there are no words for it. */
export function typeWords(schema: JsonSchema): TypeWords {
  if (schema.$ref !== undefined) return { words: '', entity: schema.$ref.split('/').at(-1) ?? '' };
  if (schema.enum) return { words: '', choices: schema.enum.map(String) };
  if (schema.format === 'date-time') return { words: 'time' };
  if (schema.prefixItems) return { words: 'pair' };
  if (schema.type === 'array') return many('array of ', schema.items);
  if (schema.additionalProperties) return many('object of ', schema.additionalProperties);
  if (typeof schema.type !== 'string') throw new Error(`There are no words for ${JSON.stringify(schema)}`);
  return { words: schema.type };
}

function many(start: string, definition: unknown): TypeWords {
  const one = typeWords(schemaOf(definition));
  const isWord = one.entity === undefined && one.choices === undefined;
  return { ...one, words: `${start}${one.words}${isWord ? 's' : ''}` };
}

/** Takes a choice between null and one schema apart. */
function apart(property: JsonSchema): Pick<Field, 'isNullable' | 'description'> & { readonly schema: JsonSchema } {
  const others = property.anyOf?.map(schemaOf).filter(({ type }) => type !== 'null');
  const schema = others?.[0] ?? property;
  if (others && others.length !== 1) throw new Error(`There are no words for ${JSON.stringify(property)}`);
  return { schema, isNullable: others !== undefined, description: property.description ?? schema.description ?? '' };
}

function schemaOf(definition: unknown): JsonSchema {
  return typeof definition === 'object' && definition !== null ? definition : {};
}
