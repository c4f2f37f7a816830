import * as v from 'valibot';
import type { Route } from '../api/route.ts';
import { FieldErrorsSchema, MessageSchema } from '../api/schemas.ts';
import type { Content, HeaderObject, ResponseObject } from './objects.ts';

type Convert = (schema: v.GenericSchema, example?: unknown) => Content;

const NOT_FOUND = 'There is no such thing, or whoever calls may not reach it.';
const FAULT = 'A fault of ours. The operator finds it in the log by the `X-Request-Id` of the answer.';
const text = { type: 'string' } as const;
const LINK = { description: 'Where the next and the previous page are (RFC 8288).', schema: text };
const LOCATION = { description: 'The URL of what was made.', schema: text };

/** The headers that responses refer to, by their names in the document. */
export const HEADERS: Readonly<Record<'RequestId', HeaderObject>> = {
  RequestId: { description: "What the answer is found by in the operator's log.", schema: text },
};
const OF_ALL = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };

/** Every response of a route, by status, with the headers that all of them have. */
export function responses(route: Route, convert: Convert): Readonly<Record<string, ResponseObject>> {
  const all = Object.entries(byStatus(route, convert));
  return Object.fromEntries(
    all.map(([status, { headers, ...response }]) => [status, { ...response, headers: { ...OF_ALL, ...headers } }]),
  );
}

function byStatus(route: Route, convert: Convert): Readonly<Record<string, ResponseObject>> {
  const message = (description: string): ResponseObject => ({ description, content: convert(MessageSchema) });
  const own = Object.entries(route.refusals ?? {}).map(([status, description]) => [status, message(description)]);
  return Object.fromEntries([
    [route.answer.status, success(route, convert)],
    ...(route.body || route.query ? [[400, badRequest(route, convert)]] : []),
    ...(route.access === 'everyone' ? [] : [[404, message(NOT_FOUND)]]),
    ...(route.body ? [[413, message(`The body has more than ${route.body.maxBytes / 1024} KB.`)]] : []),
    ...(route.body ? [[415, message('The body is not sent as application/json.')]] : []),
    ...own,
    [500, message(FAULT)],
  ]);
}

function success({ answer }: Route, convert: Convert): ResponseObject {
  const { description, schema, example, isPage, hasLocation } = answer;
  const headers = { ...(isPage ? { Link: LINK } : {}), ...(hasLocation ? { Location: LOCATION } : {}) };
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(schema === undefined ? {} : { content: convert(schema, example) }),
  };
}

function badRequest({ body }: Route, convert: Convert): ResponseObject {
  if (body === undefined) return { description: 'A parameter does not hold.', content: convert(MessageSchema) };
  return {
    description: 'Fields of the body do not hold, or it is no JSON object.',
    content: convert(v.union([FieldErrorsSchema, MessageSchema])),
  };
}
