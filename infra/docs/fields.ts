/** The fields of a JSON Schema as a Markdown table. Knows of JSON Schema what the catalogue makes use of. */
import type { JsonSchema } from '@valibot/to-json-schema';

/** A schema, of an object if it has `properties`. */
export type JsonObjectSchema = Pick<JsonSchema, '$ref' | 'properties' | 'required'>;

type Field = { readonly schema: JsonSchema; readonly isNullable: boolean; readonly description: string };

/** A row per field, and for a field that is an object in place, a row per field of that. */
export function fieldTable(schema: JsonObjectSchema): string {
  return ['| field | type | null? | description |', '| --- | --- | --- | --- |', ...rowsOf(schema, '')].join('\n');
}

/** The type that a schema stands for, in words; entities as links to their sections. */
export function typeLink(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return entityLink(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.format === 'date-time') return 'time';
  if (schema.type === 'array') return `array of ${plural(schema.items)}`;
  if (schema.additionalProperties) return `object of ${plural(schema.additionalProperties)}`;
  if (typeof schema.type !== 'string') throw new Error(`There are no words for ${JSON.stringify(schema)}`);
  return schema.type;
}

function rowsOf({ properties = {}, required = [] }: JsonObjectSchema, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const { schema, isNullable, description } = fieldOf(schemaOf(property));
    const words = [description, required.includes(name) ? '' : 'May be missing.'].filter(Boolean).join(' ');
    const cells = [`\`${prefix}${name}\``, typeLink(schema), isNullable ? 'yes' : 'no', words.replaceAll('|', '\\|')];
    return [`| ${cells.join(' | ')} |`, ...rowsOf(schema, `${prefix}${name}.`)];
  });
}

/** Takes a choice between null and one schema apart. */
function fieldOf(property: JsonSchema): Field {
  const others = property.anyOf?.map(schemaOf).filter(({ type }) => type !== 'null');
  const schema = others?.[0] ?? property;
  if (others && others.length !== 1) throw new Error(`There are no words for ${JSON.stringify(property)}`);
  return { schema, isNullable: others !== undefined, description: property.description ?? schema.description ?? '' };
}

function entityLink(reference: string): string {
  const name = reference.replace('#/$defs/', '').replace('LatestBuild', 'Build');
  return `[${name}](#${name.toLowerCase()}-entity)`;
}

function plural(definition: unknown): string {
  const name = typeLink(schemaOf(definition));
  return name.endsWith(')') ? name : `${name}s`;
}

function schemaOf(definition: unknown): JsonSchema {
  return typeof definition === 'object' && definition !== null ? definition : {};
}
