import { namespaceEntity, userEntity } from './entities.ts';
import { EXAMPLE_BASE, EXAMPLE_NAMESPACE } from './examples.ts';
import { NAMESPACE_PATH, namespaceRoute, type Route, type RouteDeps, tokenRoute } from './route.ts';
import { NamespaceSchema, UserSchema } from './schemas.ts';

/** The routes of the caller and of a namespace itself. */
export function directoryRoutes(deps: RouteDeps): readonly Route[] {
  const user = tokenRoute(deps, {
    name: 'showUser',
    group: 'Directory',
    method: 'GET',
    path: '/user',
    access: 'any token',
    summary: 'The user whose token it is.',
    answer: {
      status: 200,
      description: 'The user.',
      schema: UserSchema,
      example: userEntity(EXAMPLE_NAMESPACE.owner),
    },
    handle: async ({ context, caller }) => context.json(userEntity(caller.user)),
  });
  const namespace = namespaceRoute(deps, {
    name: 'showNamespace',
    group: 'Directory',
    method: 'GET',
    path: NAMESPACE_PATH,
    access: 'namespace:read',
    summary: 'A namespace, with the URL of its webhooks.',
    answer: {
      status: 200,
      description: 'The namespace.',
      schema: NamespaceSchema,
      example: namespaceEntity(EXAMPLE_NAMESPACE, EXAMPLE_BASE),
    },
    handle: async ({ context, namespace, base }) => context.json(namespaceEntity(namespace, base)),
  });
  return [user, namespace];
}
