import { Client, type Dispatcher } from 'undici';
import type { AttemptResponse, HeaderList, PostOutcome } from '../domain/delivery.ts';
import { ATTEMPT_DEADLINE_MS, REPLY_KEPT_MAX_BYTES, REPLY_READ_MAX_BYTES } from '../domain/limits.ts';
import { type Guard, guardedConnector } from './connector.ts';
import { explain } from './post-errors.ts';

export type PostRequest = {
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  readonly verifyCertificate: boolean;
};

export type Post = (request: PostRequest) => Promise<PostOutcome>;

/**
 * Makes the one function that sends requests to users' URLs. It never throws and never follows a redirect; one deadline
 * covers it all, from the DNS question to the last byte that is read. A reply whose head has come is a response, whatever
 * becomes of its body.
 */
export function poster(guard: Guard, deadlineMs: number = ATTEMPT_DEADLINE_MS): Post {
  return async ({ url, headers, body, verifyCertificate }) => {
    const signal = AbortSignal.timeout(deadlineMs);
    let client: Client | undefined;
    // Not by the request's own signal: undici looks at that only from the moment a socket is open.
    const cut = () => client?.destroy(signal.reason);
    signal.addEventListener('abort', cut);
    try {
      const target = new URL(url);
      client = clientFor(target.origin, guardedConnector(guard, { verifyCertificate, signal }));
      const reply = await client.request({
        method: 'POST',
        path: `${target.pathname}${target.search}`,
        headers: headers.flat(),
        body,
      });
      return { response: await readReply(reply) };
    } catch (error) {
      return { error: explain(error) };
    } finally {
      signal.removeEventListener('abort', cut);
      await client?.destroy();
    }
  };
}

/**
 * A client of its own for every POST, without keep-alive: a socket that was checked a while ago, or that a frozen Lambda
 * left half dead, is never used again.
 */
function clientFor(origin: string, connect: Client.Options['connect']): Client {
  return new Client(origin, {
    ...(connect === undefined ? {} : { connect }),
    pipelining: 0,
    // The deadline is the signal's. These two would stop counting while a receiver drips.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

async function readReply(reply: Dispatcher.ResponseData): Promise<AttemptResponse> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let brokeOff = false;
  try {
    for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > REPLY_READ_MAX_BYTES) break;
    }
  } catch {
    // The status is known, and it decides; what came of the body is kept and marked as cut.
    brokeOff = true;
  }
  return {
    status: reply.statusCode,
    headers: headerList(reply.headers),
    body: Buffer.concat(chunks).subarray(0, REPLY_KEPT_MAX_BYTES),
    truncated: brokeOff || bytes > REPLY_KEPT_MAX_BYTES,
  };
}

function headerList(headers: Dispatcher.ResponseData['headers']): HeaderList {
  return Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one] as const));
}
