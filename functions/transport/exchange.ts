import type { ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AttemptResponse, HeaderList } from '../domain/delivery.ts';
import { REPLY_HEAD_MAX_BYTES } from '../domain/limits.ts';
import { StaleConnectionError } from './connection-errors.ts';
import type { Connection, Connections } from './connections.ts';
import { type ReplyListeners, replyTo } from './reply.ts';

export type Exchange = ReplyListeners & {
  readonly url: URL;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** Ends it where it is. */
  readonly signal: AbortSignal;
};

/**
 * Sends one POST over a connection and reads the reply to it, as far as it is kept. Never follows a redirect and never
 * decompresses. Interim responses (1xx) are passed over. A reply whose head has come is a response, whatever becomes of
 * its body. Rejects with the socket's error where no head comes, and with a `StaleConnectionError` where nothing came at all over
 * a connection that was kept. The connection is over with it, or idle with `connections`.
 *
 * By Node's own client: undici's ends at a `100 Continue` that nobody asked for, and does not tell the version of HTTP. Whether there is TLS
 * is the connection's matter: it is the client of `node:https` for either, for to import `node:http` loads undici, 15 ms of a cold start.
 */
export async function exchange(
  connections: Connections,
  connection: Connection,
  { signal, ...given }: Exchange,
): Promise<AttemptResponse> {
  const { socket } = connection;
  const cut = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', cut);
  const bytesBefore = socket.bytesRead;
  let request: ClientRequest | undefined;
  let isReusable = false;
  try {
    request = post(connections, connection, given);
    const { isWhole, ...response } = await replyTo(request, { ...given, wire: connection.wire });
    isReusable = isWhole && request.writableFinished;
    return response;
  } catch (cause) {
    // A receiver that does not answer in time has not given the connection up.
    const isStale = request?.reusedSocket && socket.bytesRead === bytesBefore && !signal.aborted;
    throw isStale ? new StaleConnectionError('The receiver had closed the connection', { cause }) : cause;
  } finally {
    signal.removeEventListener('abort', cut);
    if (!isReusable) socket.destroy();
  }
}

type Given = Omit<Exchange, 'signal'>;

function post(agent: Connections, connection: Connection, { url, headers, body }: Given): ClientRequest {
  const own = [
    ['host', url.host],
    ['connection', 'keep-alive'],
  ];
  const options = {
    agent,
    connection,
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    headers: [...own, ...headers, ['content-length', body.length.toString()]].flat(),
    maxHeaderSize: REPLY_HEAD_MAX_BYTES,
  };
  return httpsRequest(options).end(body);
}
