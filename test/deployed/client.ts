import { Agent, fetch as undiciFetch } from 'undici';

/** Names that end in `.localhost`, as the emulator gives them to an API, are loopback to browsers and curl, and unknown to Node. */
const LOOPBACK = new Agent({
  connect: { lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) },
});

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

type Request = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Sends a request to an API of the emulator's by its own name, as the stack's output has it. Follows no redirect. */
async function send(url: string, request: Request = {}): Promise<Answer> {
  const response = await undiciFetch(url, { ...request, redirect: 'manual', dispatcher: LOOPBACK });
  return { status: response.status, headers: new Headers([...response.headers]), text: await response.text() };
}

export type Client = ReturnType<typeof client>;

/** The REST API, as a user calls it. */
export function client(of: { readonly apiUrl: string; readonly token: string }) {
  const authorization = `Bearer ${of.token}`;
  return {
    /** Calls it, with JSON if there is any to send. Throws where it is not answered with the status that is expected. */
    async call<T>(path: string, { method = 'GET', json, status = 200 }: Call = {}): Promise<T> {
      const content: Request = json === undefined ? {} : { body: JSON.stringify(json) };
      const headers = { authorization, ...(json === undefined ? {} : { 'content-type': 'application/json' }) };
      const answer = await send(of.apiUrl + path, { method, headers, ...content });
      if (answer.status !== status) throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
      return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
    },
  };
}

type Call = { readonly method?: string; readonly json?: unknown; readonly status?: number };

/** A browser that has signed in to the console: what it shows at a path of the console's. */
export type Browser = { readonly page: (path: string) => Promise<string> };

/** Signs in by the form of the page, as a browser sends it. */
export async function signIn(of: { readonly consoleUrl: string; readonly token: string }): Promise<Browser> {
  const { origin } = new URL(of.consoleUrl);
  const first = await send(of.consoleUrl);
  const form = first.headers.get('location');
  if (first.status !== 303 || form === null) throw new Error(`The console does not ask to sign in: ${first.status}`);
  const shown = await send(new URL(form, origin).href);
  const [, action] = /<form method="post" action="([^"]*)"/.exec(shown.text) ?? [];
  if (action === undefined) throw new Error(`There is no form at ${form}: ${shown.status} ${shown.text}`);
  const answer = await send(new URL(action, origin).href, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token: of.token, to: '/console' }).toString(),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0];
  if (answer.status !== 303 || cookie === undefined) throw new Error(`Signing in was answered ${answer.status}`);
  return {
    async page(path) {
      const { status, text } = await send(origin + path, { headers: { cookie } });
      if (status !== 200) throw new Error(`The page ${path} was answered ${status}: ${text}`);
      return text;
    },
  };
}
