import { type ConversionConfig, type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { EventPayloadSchema } from '../../domain/event-input.ts';
import { CONVERSION } from '../api/json-schema.ts';
import type { Route } from '../api/route.ts';
import { COMPONENTS } from './components.ts';
import type { Content, OpenApiDocument, OperationObject, ParameterObject } from './objects.ts';
import { pathParameters } from './parameters.ts';
import { HEADERS, responses } from './responses.ts';

const DESCRIPTION = `Webhooks of [Djinn CI](https://djinn-ci.com): which URLs are called when something happens in a namespace, and the log
of what they were sent and answered. Whoever may not do a thing, for whatever reason, gets the same \`404\` as for what does not exist.
Lists have pages: follow the \`Link\` header.`;

const CONFIG: ConversionConfig = {
  ...CONVERSION,
  // What a request may send is what the schema takes, not what it makes of it.
  typeMode: 'input',
  definitions: COMPONENTS,
  // A payload is any object: that is all that is checked of it.
  overrideSchema: ({ valibotSchema }) => (valibotSchema === EventPayloadSchema ? { type: 'object' } : undefined),
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
};

/** Makes the OpenAPI 3.1 document of routes that stand at a base URL: of their descriptions, and of the schemas that validate. */
export function openApiDocument(routes: readonly Route[], base: string): OpenApiDocument {
  const paths = Map.groupBy(routes, ({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'));
  return {
    openapi: '3.1.1',
    info: { title: 'Djinn CI webhooks', version: '1', description: DESCRIPTION },
    servers: [{ url: base }],
    tags: [...new Set(routes.map(({ group }) => group))].map((name) => ({ name })),
    paths: Object.fromEntries(
      [...paths].map(([path, ofPath]) => [
        path,
        Object.fromEntries(ofPath.map((route) => [route.method.toLowerCase(), operation(route)])),
      ]),
    ),
    components: {
      schemas: toJsonSchemaDefs(COMPONENTS, CONFIG),
      headers: HEADERS,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token, made by `npm run ctl -- token create`.' },
      },
    },
  };
}

function operation(route: Route): OperationObject {
  const { name, group, summary, description, access, body, query = {}, headers = {} } = route;
  return {
    operationId: name,
    tags: [group],
    summary,
    ...(description === undefined ? {} : { description }),
    security: access === 'everyone' ? [] : [{ token: access === 'any token' ? [] : [access] }],
    parameters: [
      ...pathParameters(route.path),
      ...Object.entries(query).map((entry) => parameter(entry, 'query')),
      ...Object.entries(headers).map((entry) => parameter(entry, 'header')),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyContent(body) } }),
    responses: responses(route, converted),
  };
}

function parameter([name, schema]: [string, GenericSchema], place: 'query' | 'header'): ParameterObject {
  const { description = '', ...converted } = toSchema(schema);
  return { name, in: place, required: false, description, schema: converted };
}

/** Unknown fields are refused, which schemas alone do not say: the parsers name all of them, and not just the first. */
function bodyContent({ schema, example }: NonNullable<Route['body']>): Content {
  return { 'application/json': { schema: { ...toSchema(schema), additionalProperties: false }, example } };
}

function converted(schema: GenericSchema, example: unknown): Content {
  return { 'application/json': { schema: toSchema(schema), ...(example === undefined ? {} : { example }) } };
}

function toSchema(schema: GenericSchema): JsonSchema {
  const { $schema: _, $defs: __, ...rest } = toJsonSchema(schema, CONFIG);
  return rest;
}
