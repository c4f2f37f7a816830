import type { JsonSchema } from '@valibot/to-json-schema';
import { html } from 'hono/html';
import { fieldsOf, type TypeWords, typeWords } from './fields.ts';

/** What a page says of an entity. */
export function schemaSection(name: string, schema: JsonSchema) {
  const fields = schema.properties ? fieldTable(schema) : html`<p>An ${typeCell(schema)}.</p>`;
  return html`<section id="${name}"><h3>${name}</h3>${fields}</section>`;
}

/** The fields of an object as a table. */
export function fieldTable(schema: JsonSchema) {
  const rows = fieldsOf(schema).map(({ name, type, isNullable, isRequired, description }) => {
    const notes = [isNullable ? 'or null' : '', isRequired ? '' : 'optional'].filter(Boolean).join(', ');
    return html`<tr><td><code>${name}</code></td>
<td>${wordsCell(type)}${notes === '' ? '' : html` <span class="quiet">(${notes})</span>`}</td><td>${prose(description)}</td></tr>`;
  });
  return html`<table><thead><tr><th>field</th><th>type</th><th>description</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Words with `code` in them, as Markdown has it. */
export function prose(text: string) {
  return html`${text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

/** What a value of a schema is. */
export function typeCell(schema: JsonSchema) {
  return wordsCell(typeWords(schema));
}

function wordsCell({ words, entity, choices = [] }: TypeWords) {
  const link = entity === undefined ? '' : html`<a href="#${entity}">${entity}</a>`;
  return html`${words}${link}${choices.map((value, index) => html`${index === 0 ? '' : ', '}<code>${value}</code>`)}`;
}
