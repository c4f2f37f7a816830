/** The objects of an OpenAPI document (OpenAPI 3.1, section 4.8), as far as ours has them. */
import type { JsonSchema } from '@valibot/to-json-schema';

/** A parameter of an operation. */
export type ParameterObject = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
};

type MediaType = { readonly schema: JsonSchema; readonly example?: unknown };
/** A body, which is always JSON. */
export type Content = { readonly 'application/json': MediaType };

/** A header of a response. */
export type HeaderObject = { readonly description: string; readonly schema: JsonSchema };

/** A response of an operation. */
export type ResponseObject = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, HeaderObject | { readonly $ref: string }>>;
  readonly content?: Content;
};

/** An operation: a method of a path. */
export type OperationObject = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly ParameterObject[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, ResponseObject>>;
};

/** What we make use of of an OpenAPI document. */
export type OpenApiDocument = {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, HeaderObject>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
};
