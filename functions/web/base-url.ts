/** What Djinn CI's own clients put before every path, whether or not the server stands under it. */
const USUAL_BASE_PATH = '/api';

/** A namespace's path contains slashes, and the first segment `-` ends it (contract, section 4). */
const NAMESPACE = /^((?:\/console)?\/n\/[^/]+)\/(.+?)(\/-(?:\/.*)?)?\/?$/;

/** Where the application stands: what requests are routed by, and what the URLs in its answers begin with. */
export type Addressing = {
  /**
   * The path that a request is routed by: that of its URL without the base path, with the slashes of a namespace's path
   * escaped, so that it is one segment, and one parameter that comes out of the router unescaped.
   */
  readonly routingPath: (request: Request) => string;
  /** The absolute URL that the paths of the API are appended to, without a slash at its end. */
  readonly baseOf: (request: Request) => string;
  /** The path that whoever sent a request sees, behind whatever stands in front: with the base path, and with what is asked for. */
  readonly publicPath: (request: Request) => string;
};

/**
 * Reads where the application stands from its public URL, such as `https://ci.example/hooks`: requests come with that URL's path
 * before theirs, or without it where a proxy has removed it. Where the public URL is empty, a request says itself where it was sent to;
 * `/api` before its path is the base path then, and stays in the URLs that it is answered. Throws RangeError for what is no such URL.
 */
export function addressing(publicUrl: string): Addressing {
  const base = readPublicUrl(publicUrl);
  const basePaths = [base === '' ? '' : new URL(base).pathname.replace(/\/$/, ''), USUAL_BASE_PATH].filter(Boolean);
  const split = (request: Request) => {
    const { pathname, origin } = new URL(request.url);
    const basePath = basePaths.find((prefix) => pathname === prefix || pathname.startsWith(`${prefix}/`)) ?? '';
    return { origin, basePath, path: pathname.slice(basePath.length) || '/' };
  };
  const baseOf = (request: Request) => {
    const { origin, basePath } = split(request);
    return base === '' ? `${origin}${basePath}` : base;
  };
  return {
    routingPath: (request) => escapeNamespace(split(request).path),
    baseOf,
    publicPath(request) {
      const basePath = new URL(baseOf(request)).pathname.replace(/\/$/, '');
      return `${basePath}${split(request).path}${new URL(request.url).search}`;
    },
  };
}

function escapeNamespace(pathname: string): string {
  const [, owner, path, rest = ''] = NAMESPACE.exec(pathname) ?? [];
  return owner === undefined || path === undefined ? pathname : `${owner}/${path.replaceAll('/', '%2F')}${rest}`;
}

/** Reads a public URL: without a slash at its end, empty where there is none. Throws RangeError for what is no such URL. */
export function readPublicUrl(text: string): string {
  if (text === '') return '';
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new RangeError(
      `PUBLIC_URL must be a URL such as https://ci.example or https://ci.example/hooks, not ${text}`,
    );
  }
  return url.href.replace(/\/$/, '');
}
