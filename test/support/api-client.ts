/** A delivery, as the log has it. */
export type Logged = {
  readonly id: string;
  readonly status: string;
  readonly attempts_made: number;
  readonly next_attempt_at: string | null;
};

/** The REST API, as a client of a namespace uses it. */
export function api(of: { readonly url: string; readonly namespace: string; readonly token: string }) {
  const webhooks = `${of.url}/n/${of.namespace}/-/webhooks`;
  const call = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${of.token}`, 'content-type': 'application/json' };
    const response = await fetch(url, { ...init, headers });
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  return {
    /** Adds a webhook; answers its id. */
    async createWebhook(body: Readonly<Record<string, unknown>>): Promise<number> {
      const response = await call(webhooks, { method: 'POST', body: JSON.stringify(body) });
      return ((await response.json()) as { readonly id: number }).id;
    },
    async deleteWebhook(id: number): Promise<void> {
      await call(`${webhooks}/${id}`, { method: 'DELETE' });
    },
    /** A webhook's whole log, newest first, page by page. */
    async log(webhookId: number): Promise<readonly Logged[]> {
      const all: Logged[] = [];
      let next: string | undefined = `${webhooks}/${webhookId}/deliveries?per_page=100`;
      while (next !== undefined) {
        const response: Response = await call(next);
        all.push(...((await response.json()) as Logged[]));
        const link: string | undefined = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
        next = link === undefined ? undefined : new URL(link, of.url).href;
      }
      return all;
    },
  };
}
