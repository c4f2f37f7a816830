import { html } from 'hono/html';
import type { OperationObject, ParameterObject, ResponseObject } from './objects.ts';
import { fieldTable, prose, typeCell } from './schema-section.ts';

type Operation = OperationObject & { readonly method: string; readonly path: string };

/** What a page says of an operation. */
export function operationSection(operation: Operation, server: string) {
  const { operationId, method, path, summary, description, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json'];
  return html`<section id="${operationId}">
<h3 class="path"><code><span class="method">${method}</span>${path}</code></h3>
<p>${prose(`${summary} ${description ?? ''}`)}</p>
<p class="quiet">Needs ${accessWords(operation)}.</p>
${parameters.length === 0 ? '' : html`<h4>Parameters</h4>${parameterTable(parameters)}`}
${body === undefined ? '' : html`<h4>Body</h4>${fieldTable(body.schema)}`}
<h4>Example</h4><pre>${curl(operation, server)}</pre>
<h4>Answers</h4>${Object.entries(responses).map(([status, response]) => answer(status, response))}
</section>`;
}

function accessWords({ security }: Operation) {
  const scopes = security.flatMap((requirement) => requirement['token'] ?? []);
  if (security.length === 0) return 'no token';
  return scopes.length === 0 ? 'any token' : html`a token with the scope <code>${scopes.join(', ')}</code>`;
}

function parameterTable(parameters: readonly ParameterObject[]) {
  const rows = parameters.map(
    ({ name, in: place, schema, description }) =>
      html`<tr><td><code>${name}</code></td><td>${typeCell(schema)}</td><td>in the ${place}. ${prose(description)}</td></tr>`,
  );
  return html`<table><thead><tr><th>name</th><th>type</th><th>description</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function answer(status: string, { description, content }: ResponseObject) {
  const example = content?.['application/json'].example;
  const line = html`<code>${status}</code> ${description}`;
  if (example === undefined) return html`<p>${line}</p>`;
  return html`<p>${line}</p><details><summary>Example of its body</summary><pre>${pretty(example)}</pre></details>`;
}

function curl({ method, path, parameters, requestBody, security }: Operation, server: string): string {
  const example: Readonly<Record<string, string>> = { username: 'admin', path: 'demo', id: '1' };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => example[name] ?? `$${name.toUpperCase()}`);
  const isPlain = method === 'GET' || (method === 'POST' && requestBody !== undefined);
  const body = requestBody?.content['application/json'].example;
  const needsQuotes = parameters.some(({ name, in: place }) => place === 'path' && example[name] === undefined);
  const url = needsQuotes ? `"${server}${filled}"` : `${server}${filled}`;
  return [
    `curl ${isPlain ? '' : `-X ${method} `}${url}`,
    ...(security.length === 0 ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body === undefined ? [] : ['-H "Content-Type: application/json"', `-d '${JSON.stringify(body)}'`]),
  ].join(' \\\n  ');
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
