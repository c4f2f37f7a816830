/**
 * The classes of the Fetch standard as far as the web application and the library under it use them. In the bundles they stand in the place of
 * Node's own (`infra/bundle.ts`), to use the first of which has Node load all of undici: a sixth of a cold start.
 */

type HeadersInit = Headers | Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

// RFC 9110, section 5.6.2.
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const NULL_BODY_STATUSES: readonly number[] = [204, 205, 304];

/** Headers: by names in lower case, sorted when they are gone through. Throws TypeError for what is no name or no value of HTTP's. */
export class Headers {
  readonly #values = new Map<string, readonly string[]>();

  constructor(init: HeadersInit = []) {
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const [name, value] of pairs as Iterable<readonly [string, string]>) this.append(name, value);
  }

  get(name: string): string | null {
    const key = nameOf(name);
    return this.#values.get(key)?.join(separatorOf(key)) ?? null;
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])];
  }

  has(name: string): boolean {
    return this.#values.has(nameOf(name));
  }

  set(name: string, value: string): void {
    this.#values.set(nameOf(name), [checkedValue(value)]);
  }

  append(name: string, value: string): void {
    const key = nameOf(name);
    this.#values.set(key, [...(this.#values.get(key) ?? []), checkedValue(value)]);
  }

  delete(name: string): void {
    this.#values.delete(nameOf(name));
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) callback(value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name) ?? [];
      // Cookies alone do not stand together in one line.
      for (const value of name === 'set-cookie' ? values : [values.join(separatorOf(name))]) yield [name, value];
    }
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
}

/** A request whose body is here already. Throws TypeError for what no request can be. */
export class Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  /** The body's one piece, to be gone through as a stream would be; null where there is none. */
  readonly body: readonly Uint8Array[] | null;

  constructor(
    url: string,
    init: { readonly method?: string; readonly headers?: HeadersInit; readonly body?: Uint8Array } = {},
  ) {
    const { href, username, password } = new URL(url);
    if (username !== '' || password !== '') throw new TypeError('A request has no credentials in its URL');
    this.url = href;
    this.method = methodOf(init.method ?? 'GET');
    this.headers = new Headers(init.headers);
    this.body = init.body === undefined ? null : [init.body];
    if (this.body !== null && /^(GET|HEAD)$/.test(this.method)) throw new TypeError(`A ${this.method} has no body`);
  }
}

/** What a response has as its body. Given to another response, it says no more of what type it is. */
class Body {
  readonly content: string | Uint8Array;

  constructor(content: unknown) {
    // What is no text and no bytes, such as the library's strings of HTML, is its text.
    this.content = content instanceof Uint8Array ? content : (bytesOf(content) ?? String(content));
  }
}

/** A response whose body is here already. Throws RangeError for what is no status, TypeError for a body where none may be. */
export class Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body | null;
  readonly bodyUsed = false;

  constructor(
    body?: unknown,
    { status = 200, headers }: { readonly status?: number; readonly headers?: HeadersInit | undefined } = {},
  ) {
    if (status < 200 || status > 599) throw new RangeError(`${status} is no status of a response`);
    this.status = status;
    this.headers = new Headers(headers);
    this.body = body === null || body === undefined || body instanceof Body ? (body ?? null) : new Body(body);
    if (this.body !== null && NULL_BODY_STATUSES.includes(status)) throw new TypeError(`A ${status} has no body`);
    if (this.body !== body && typeof this.body?.content === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/plain;charset=UTF-8');
    }
  }

  get ok(): boolean {
    return this.status < 300;
  }

  async text(): Promise<string> {
    const content = this.body?.content ?? '';
    return typeof content === 'string' ? content.toWellFormed() : new TextDecoder().decode(content);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const content = this.body?.content ?? '';
    return new Uint8Array(typeof content === 'string' ? Buffer.from(content) : content).buffer;
  }
}

function bytesOf(content: unknown): Uint8Array | undefined {
  return content instanceof ArrayBuffer ? new Uint8Array(content) : undefined;
}

function nameOf(name: string): string {
  if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`);
  return name.toLowerCase();
}

/** RFC 9113, section 8.2.3: a browser's cookies may come in several lines. */
function separatorOf(name: string): string {
  return name === 'cookie' ? '; ' : ', ';
}

function checkedValue(value: string): string {
  const checked = withoutSpaceAround(`${value}`);
  // A line break would begin a header of somebody else's.
  if (/[\r\n\u{100}-\u{10ffff}]/u.test(checked) || checked.includes('\0')) {
    throw new TypeError('A value of a header has a character that none has');
  }
  return checked;
}

/** Step by step: an expression would look at a run of spaces in the middle from each of them on. */
function withoutSpaceAround(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(character: string): boolean {
  return /[\t\n\r ]/.test(character);
}

function methodOf(method: string): string {
  if (!TOKEN.test(method) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) {
    throw new TypeError(`${JSON.stringify(method)} is no method of a request`);
  }
  return /^(DELETE|GET|HEAD|OPTIONS|POST|PUT)$/i.test(method) ? method.toUpperCase() : method;
}
