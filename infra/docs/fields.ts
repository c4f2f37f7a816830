import type { JsonSchema } from '@valibot/to-json-schema';
import { fieldsOf, type JsonObjectSchema, typeWords } from '../../functions/web/openapi/fields.ts';

/** The fields of an object as a Markdown table: a row per field, and for a field that is an object in place, a row per field of that. */
export function fieldTable(schema: JsonObjectSchema): string {
  const rows = fieldsOf(schema).map(({ name, type, isNullable, isRequired, description }) => {
    const words = [description, isRequired ? '' : 'May be missing.'].filter(Boolean).join(' ');
    return `| \`${name}\` | ${markdown(type)} | ${isNullable ? 'yes' : 'no'} | ${words.replaceAll('|', '\\|')} |`;
  });
  return ['| field | type | null? | description |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The type that a schema stands for, in words; entities as links to their sections. */
export function typeLink(schema: JsonSchema): string {
  return markdown(typeWords(schema));
}

function markdown({ words, entity, choices = [] }: ReturnType<typeof typeWords>): string {
  return `${words}${entity === undefined ? '' : entityLink(entity)}${choices.map((value) => `\`${value}\``).join(', ')}`;
}

function entityLink(entity: string): string {
  const name = entity.replace('LatestBuild', 'Build');
  return `[${name}](#${name.toLowerCase()}-entity)`;
}
