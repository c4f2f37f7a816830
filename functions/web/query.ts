import type { Context } from 'hono';
import * as v from 'valibot';
import { RefusalError } from '../domain/errors.ts';
import { isRfc3339, rfc3339Ms } from '../domain/timestamp.ts';

/** The query parameters of a route, by name. Those that stand for numbers are numbers here, and text in the URL. */
export type QueryEntries = Readonly<Record<string, v.GenericSchema>>;

export type Query<E extends QueryEntries> = { readonly [Name in keyof E]: v.InferOutput<E[Name]> };

/** What the ids of deliveries can hold, by which the log is sorted: the years 1970 to 9999. */
const TIMES_MS = { first: 0, last: Date.UTC(9999, 11, 31, 23, 59, 59, 999) };

/**
 * Reads the query parameters of a request. Unknown ones are ignored, of repeated ones the first counts. Refuses with the sentence of
 * the first that does not hold.
 */
export function readQuery<E extends QueryEntries>(context: Context, entries: E): Query<E> {
  const values = Object.entries(entries).map(([name, schema]) => [name, valueFrom(context.req.query(name), schema)]);
  const read = v.safeParse(v.object(entries), Object.fromEntries(values));
  if (!read.success) throw new RefusalError('invalid_parameter', read.issues[0].message);
  return read.output as Query<E>;
}

/** A parameter that is one of several words. */
export function oneOf<const T extends readonly string[]>(name: string, values: T, description: string) {
  return v.optional(
    v.pipe(v.picklist(values, `${name} must be one of ${values.join(', ')}`), v.description(description)),
  );
}

/** A parameter that is a time of RFC 3339, as milliseconds since 1970. */
export function time(name: string, description: string) {
  return v.optional(
    v.pipe(
      v.string(),
      v.check(isRfc3339, `${name} must be a time such as 2026-11-23T12:00:00Z`),
      v.description(description),
      v.transform((text) => Math.min(Math.max(rfc3339Ms(text) ?? 0, TIMES_MS.first), TIMES_MS.last)),
    ),
  );
}

function valueFrom(text: string | undefined, schema: v.GenericSchema): unknown {
  return text !== undefined && isOfNumber(schema) && /^\d{1,9}$/.test(text) ? Number(text) : text;
}

type Wrapping = v.GenericSchema & { readonly wrapped?: v.GenericSchema };

function isOfNumber(schema: Wrapping): boolean {
  return schema.type === 'number' || (schema.wrapped !== undefined && isOfNumber(schema.wrapped));
}
