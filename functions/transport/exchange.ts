import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AttemptResponse, HeaderList } from '../domain/delivery.ts';
import {
  INTERIM_RESPONSES_MAX,
  REPLY_HEAD_MAX_BYTES,
  REPLY_KEPT_MAX_BYTES,
  REPLY_READ_MAX_BYTES,
} from '../domain/limits.ts';
import { InterimFloodError, NoReplyError, StaleConnectionError } from './connection-errors.ts';
import type { Connection, Connections } from './connections.ts';

export type Exchange = {
  readonly url: URL;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** Ends it where it is. */
  readonly signal: AbortSignal;
  /** Told when the first byte comes back, and of what version of HTTP the reply is. */
  readonly onFirstByte: () => void;
  readonly onHead: (httpVersion: string) => void;
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
  const bytesReceived = () => socket.bytesRead - bytesBefore;
  const request = post(connections, connection, given);
  let isReusable = false;
  try {
    const { isWhole, ...response } = await replyTo(request, { ...given, bytesReceived });
    isReusable = isWhole && request.writableFinished;
    return response;
  } catch (cause) {
    // A receiver that does not answer in time has not given the connection up.
    const isStale = request.reusedSocket && bytesReceived() === 0 && !signal.aborted;
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

type Reply = AttemptResponse & { readonly isWhole: boolean };

function replyTo(
  request: ClientRequest,
  { onFirstByte, onHead, bytesReceived }: Given & { readonly bytesReceived: () => number },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let interims = 0;
    request.on('information', () => {
      interims += 1;
      if (interims > INTERIM_RESPONSES_MAX) reject(new InterimFloodError());
    });
    // The socket is handed over with it, and closed with the others.
    request.on('upgrade', () => reject(new NoReplyError()));
    request.on('response', (reply) => {
      onHead(reply.httpVersion);
      // A 101 without more is no interim response to Node, and none to us.
      if ((reply.statusCode ?? 0) < 200) reject(new NoReplyError());
      else resolve(readReply(reply, bytesReceived));
    });
    // Stays for what comes after the head, too, which is no matter any more.
    request.on('error', reject);
    request.once('socket', (socket) => socket.once('data', onFirstByte));
  });
}

/**
 * Reads a reply into a buffer of its own, piece by piece: a body of many chunks holds no more memory than one. Bytes count as
 * they come over the wire, head and framing included, so that a body of tiny chunks is no more work than another.
 */
function readReply(reply: IncomingMessage, bytesReceived: () => number): Promise<Reply> {
  const kept = Buffer.alloc(REPLY_KEPT_MAX_BYTES);
  let bytes = 0;
  return new Promise((resolve) => {
    const finish = (isWhole: boolean) =>
      resolve({
        status: reply.statusCode ?? 0,
        headers: headerList(reply),
        body: kept.subarray(0, Math.min(bytes, kept.length)),
        truncated: !isWhole || bytes > kept.length,
        isWhole,
      });
    reply.on('data', (chunk: Buffer) => {
      if (bytes < kept.length) chunk.copy(kept, bytes);
      bytes += chunk.length;
      if (bytesReceived() > REPLY_HEAD_MAX_BYTES + REPLY_READ_MAX_BYTES) finish(false);
    });
    reply.on('end', () => finish(true));
    // After an error, too. The status is known, and it decides; what came of the body is kept and marked as cut.
    reply.on('close', () => finish(false));
  });
}

/** Each name's values together. */
function headerList({ headersDistinct }: IncomingMessage): HeaderList {
  return Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value) => [name, value] as const),
  );
}
