/** A namespace's path contains slashes, and the first segment `-` ends it (contract, section 4). */
const NAMESPACE = /^(\/n\/[^/]+)\/(.+?)(\/-(?:\/.*)?)?$/;

/**
 * The path that a request is routed by: that of its URL, with the slashes of a namespace's path escaped, so that it is one
 * segment, and one parameter that comes out of the router unescaped.
 */
export function routingPath(request: Request): string {
  const { pathname } = new URL(request.url);
  const [, owner, path, rest = ''] = NAMESPACE.exec(pathname) ?? [];
  return owner === undefined || path === undefined ? pathname : `${owner}/${path.replaceAll('/', '%2F')}${rest}`;
}
