import type { Hono } from 'hono';
import type { Route } from './route.ts';

/**
 * Puts routes into an application. To a path that has routes, other methods are answered 405 with those that there are (RFC 9110,
 * section 15.5.6): that says of the API what its document says, and of nobody's namespace anything.
 */
export function addRoutes(app: Hono, routes: readonly Route[]): void {
  for (const { method, path, handle } of routes) app.on(method, path, handle);
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    const methods = new Set(ofPath.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])));
    const allow = [...methods].join(', ');
    app.all(path, (context) => {
      const message = `There is no ${context.req.method} here: this path takes ${allow}`;
      return context.json({ message }, 405, { allow });
    });
  }
}
