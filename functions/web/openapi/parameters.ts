import type { JsonSchema } from '@valibot/to-json-schema';
import { UUID_PATTERN } from '../../domain/id.ts';
import { NAME_PATTERN } from '../../domain/namespace.ts';
import type { ParameterObject } from './objects.ts';

type Parameter = { readonly description: string; readonly schema: JsonSchema };

const PARAMETERS: Readonly<Record<string, Parameter>> = {
  username: { description: 'Who owns the namespace.', schema: { type: 'string', pattern: `^${NAME_PATTERN}$` } },
  path: {
    description: 'The path of the namespace, parents joined by slashes. They may be written as they are, or as %2F.',
    schema: { type: 'string', pattern: `^${NAME_PATTERN}(/${NAME_PATTERN})*$` },
  },
  id: {
    description: 'The id of the webhook.',
    schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  },
  delivery: { description: 'The id of the delivery.', schema: { type: 'string', pattern: `^${UUID_PATTERN}$` } },
  recovery: { description: 'The id of the recovery.', schema: { type: 'string', pattern: `^${UUID_PATTERN}$` } },
  event: {
    description: 'The time and the id of the event, as its `url` has them.',
    schema: { type: 'string', minLength: 1 },
  },
};

/** The parameters in the path of a route. Throws where nothing is said of one. */
export function pathParameters(path: string): readonly ParameterObject[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const parameter = PARAMETERS[name];
    if (parameter === undefined) throw new Error(`Nothing is said of the parameter ${name}`);
    return { name, in: 'path', required: true, ...parameter };
  });
}
