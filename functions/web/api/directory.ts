import type { Hono } from 'hono';
import { authenticate, type DirectoryDeps, reachNamespace } from '../../actions/directory.ts';
import { namespaceEntity, userEntity } from './entities.ts';
import { bearerToken, namespaceName } from './routes.ts';

/** Puts the routes of the caller and of a namespace itself into an application. */
export function addDirectoryRoutes(app: Hono, deps: DirectoryDeps): void {
  app.get('/user', async (context) => {
    const { user } = await authenticate(deps, bearerToken(context));
    return context.json(userEntity(user));
  });
  app.get('/n/:username/:path', async (context) => {
    const caller = await authenticate(deps, bearerToken(context), 'namespace:read');
    const namespace = await reachNamespace(deps, caller, namespaceName(context));
    return context.json(namespaceEntity(namespace, new URL(context.req.url).origin));
  });
}
