import * as v from 'valibot';
import { type FieldErrors, ValidationError } from './errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

type FieldSchema = v.ObjectSchema<v.ObjectEntries, v.ErrorMessage<v.ObjectIssue> | undefined>;

/** Reads a body by a schema that names all of its fields. Throws ValidationError with every sentence about every field. */
export function readFields<S extends FieldSchema>(schema: S, body: JsonObject): v.InferOutput<S> {
  const result = v.safeParse(schema, body);
  const unknown = Object.keys(body).filter((field) => !Object.hasOwn(schema.entries, field));
  if (result.success && unknown.length === 0) return result.output;
  throw new ValidationError(fieldErrors(result.issues ?? [], unknown));
}

type Issues = readonly { readonly message: string; readonly path?: readonly { readonly key: unknown }[] | undefined }[];

function fieldErrors(issues: Issues, unknown: readonly string[]): FieldErrors {
  const byField = Map.groupBy(issues, (issue) => String(issue.path?.[0]?.key));
  return Object.fromEntries([
    ...[...byField].map(([field, list]) => [field, list.map((issue) => issue.message)] as const),
    ...unknown.map((field) => [field, ['Unknown field']] as const),
  ]);
}
