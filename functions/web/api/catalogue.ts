import {
  type ConversionConfig,
  type JsonSchema,
  type OverrideSchemaContext,
  toJsonSchema,
} from '@valibot/to-json-schema';
import * as v from 'valibot';
import { CATALOGUE, type CatalogueEntry, EVENT_TYPES, type EventType } from '../../domain/catalogue.ts';
import {
  BuildSchema,
  CronSchema,
  ImageSchema,
  KeySchema,
  NamespaceSchema,
  ObjectSchema,
  TagSchema,
  UserSchema,
  VariableSchema,
} from '../../domain/entities.ts';
import { CONVERSION } from './json-schema.ts';
import { EventTypeSchema } from './log-schemas.ts';
import { type Route, type RouteDeps, tokenRoute } from './route.ts';

/** What the API shows of an event type; `schema` is the JSON Schema, draft 2020-12, of its payload. */
export type EventTypeEntity = {
  readonly type: EventType;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly sample: CatalogueEntry['sample'];
};

/** A namespace's latest build; its own namespace may be any object. */
const LatestBuildSchema = NamespaceSchema.entries.build.wrapped;

/** The entities by the names under which schemas refer to them. */
const DEFINITIONS = {
  User: UserSchema,
  Namespace: NamespaceSchema,
  LatestBuild: LatestBuildSchema,
  Build: BuildSchema,
  Tag: TagSchema,
  Cron: CronSchema,
  Image: ImageSchema,
  Object: ObjectSchema,
  Variable: VariableSchema,
  Key: KeySchema,
} as const;

/** Every check in code that the catalogue makes of a value, as what JSON Schema has for it. */
const CUSTOM_SCHEMAS = new Map<v.GenericSchema, JsonSchema>([
  [LatestBuildSchema.entries.namespace.wrapped, { type: 'object' }],
  [BuildSchema.entries.trigger.entries.data.pipe[0], { type: 'object', additionalProperties: { type: 'string' } }],
]);

const PAYLOADS: ConversionConfig = {
  ...CONVERSION,
  definitions: DEFINITIONS,
  overrideSchema(context) {
    const custom = CUSTOM_SCHEMAS.get(context.valibotSchema);
    const name = definitionName(context);
    return custom ?? (name ? { $ref: `#/$defs/${name}` } : undefined);
  },
};

let converted: readonly EventTypeEntity[] | undefined;

/** Every event type, in the catalogue's order. */
export function eventTypeEntities(): readonly EventTypeEntity[] {
  converted ??= EVENT_TYPES.map((type) => {
    const { description, schema, sample } = CATALOGUE[type];
    return { type, description, schema: payloadSchema(schema), sample };
  });
  return converted;
}

/** The route of the catalogue: it is the same for whoever has a token. */
export function catalogueRoute(deps: RouteDeps): Route {
  const { type, description, sample } = CATALOGUE['invite.accepted'];
  return tokenRoute(deps, {
    name: 'listEventTypes',
    group: 'Events',
    method: 'GET',
    path: '/events',
    access: 'any token',
    summary: 'The catalogue: every event type with the JSON Schema of its payload and a sample.',
    answer: {
      status: 200,
      description: 'Event types.',
      schema: v.array(EventTypeSchema),
      example: [{ type, description, schema: { type: 'object' }, sample }],
    },
    handle: async ({ context }) => context.json(eventTypeEntities()),
  });
}

/** The JSON Schema of a payload, with the definitions that it needs and no others. */
function payloadSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema, $defs = {}, ...payload } = toJsonSchema(schema, PAYLOADS);
  const names = new Set(referredNames(payload));
  // A set that grows while it is walked is walked to its new end.
  for (const name of names) for (const further of referredNames($defs[name])) names.add(further);
  return { $schema, ...payload, $defs: Object.fromEntries(Object.entries($defs).filter(([name]) => names.has(name))) };
}

function referredNames(schema: unknown): readonly string[] {
  return [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)].map(([, name = '']) => name);
}

/** The definition that a schema is to be replaced with, where the converter does not see that it is one. */
function definitionName({ valibotSchema, referenceId, definitions }: OverrideSchemaContext): string | undefined {
  // Within a pipe. A definition that is not there yet is being made: it must not refer to itself.
  if (referenceId !== undefined) return referenceId in definitions ? referenceId : undefined;
  // The catalogue writes parents out to a fixed depth; a reference says the same for any.
  return isNamespace(valibotSchema) ? 'Namespace' : undefined;
}

function isNamespace(schema: v.GenericSchema & { readonly entries?: Readonly<Record<string, unknown>> }): boolean {
  return schema.entries?.['namespaces_url'] === NamespaceSchema.entries.namespaces_url;
}
