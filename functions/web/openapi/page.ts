import { html, raw } from 'hono/html';
import type { OpenApiDocument, OperationObject } from './objects.ts';
import { operationSection } from './operation.ts';
import { schemaSection } from './schema-section.ts';
import { STYLE } from './style.ts';

type Operation = OperationObject & { readonly method: string; readonly path: string };

/** The document as a page to read: every operation with its fields and an example to copy, then the entities. */
export function documentPage(document: OpenApiDocument) {
  const server = document.servers[0]?.url ?? '';
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  const groups = document.tags.map(({ name }) => ({
    name,
    operations: operations.filter(({ tags }) => tags.includes(name)),
  }));
  const schemas = Object.entries(document.components.schemas);
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title}: the REST API</title><style>${raw(STYLE)}</style></head>
<body><div class="page">
<nav aria-label="Contents">${groups.map(groupLinks)}
<h2>Entities</h2><ul>${schemas.map(([name]) => html`<li><a href="#${name}">${name}</a></li>`)}</ul></nav>
<main><h1>${document.info.title}: the REST API</h1>
${introduction(server)}
${groups.map(({ name, operations }) => html`<h2>${name}</h2>${operations.map((one) => operationSection(one, server))}`)}
<h2>Entities</h2>${schemas.map(([name, schema]) => schemaSection(name, schema))}
</main></div></body></html>`;
}

function groupLinks({ name, operations }: { readonly name: string; readonly operations: readonly Operation[] }) {
  const links = operations.map(
    ({ operationId, summary }) => html`<li><a href="#${operationId}">${summary.replace(/\.$/, '')}</a></li>`,
  );
  return html`<h2>${name}</h2><ul>${links}</ul>`;
}

function introduction(server: string) {
  return html`<p>Send a token as <code>Authorization: Bearer …</code>. An operator makes one:
<code>npm run ctl -- token create</code>. Whoever may not do a thing, for whatever reason, gets the same <code>404</code> as for what
does not exist. Lists have pages: follow <code>rel="next"</code> and <code>rel="prev"</code> of the <code>Link</code> header.</p>
<p class="quiet">The server is <code>${server}</code>. For programs, all of this is
<a href="${server}/openapi.json">openapi.json</a>, in OpenAPI 3.1.</p>`;
}
