import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AttemptResponse, HeaderList } from '../domain/delivery.ts';
import { INTERIM_RESPONSES_MAX, REPLY_KEPT_MAX_BYTES } from '../domain/limits.ts';
import { InterimFloodError, NoReplyError, ReplyFloodError } from './connection-errors.ts';
import { type ReplyBound, replyBound } from './reply-bound.ts';

export type ReplyListeners = {
  /** Told when the first byte comes back, and of what version of HTTP the reply is. */
  readonly onFirstByte: () => void;
  readonly onHead: (httpVersion: string) => void;
};

export type Reply = AttemptResponse & { readonly isWhole: boolean };

/** Reads the reply to a request. Rejects where no head comes; after it, what becomes of the connection is no matter any more. */
export async function replyTo(
  request: ClientRequest,
  { onFirstByte, onHead, wire }: ReplyListeners & { readonly wire: Socket },
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const bound = replyBound(request, wire, () => reject(new ReplyFloodError()));
  let interims = 0;
  request.on('information', () => {
    interims += 1;
    bound.startOver();
    if (interims > INTERIM_RESPONSES_MAX) reject(new InterimFloodError());
  });
  // The socket is handed over with it, and closed with the others.
  request.on('upgrade', () => reject(new NoReplyError()));
  request.on('response', (reply) =>
    attempted(reject, () => {
      onHead(reply.httpVersion);
      // A 101 without more is no interim response to Node, and none to us.
      if ((reply.statusCode ?? 0) < 200) reject(new NoReplyError());
      else resolve(readReply(reply, bound));
    }),
  );
  request.on('error', reject);
  request.once('socket', (socket) => socket.once('data', () => attempted(reject, onFirstByte)));
  try {
    return await promise;
  } finally {
    bound.stop();
  }
}

/** What a listener throws, nobody catches: it would end the process, and every other POST with it. */
function attempted(reject: (error: unknown) => void, listener: () => void): void {
  try {
    listener();
  } catch (error) {
    reject(error);
  }
}

/** Reads a reply into a buffer of its own, piece by piece: a body of many chunks holds no more memory than one. */
function readReply(reply: IncomingMessage, bound: ReplyBound): Promise<Reply> {
  const kept = Buffer.alloc(REPLY_KEPT_MAX_BYTES);
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const finish = (isWhole: boolean) =>
      attempted(reject, () =>
        resolve({
          status: reply.statusCode ?? 0,
          headers: headerList(reply),
          body: kept.subarray(0, Math.min(bytes, kept.length)),
          truncated: !isWhole || bytes > kept.length,
          isWhole,
        }),
      );
    bound.onOver = () => finish(false);
    reply.on('data', (chunk: Buffer) => {
      if (bytes < kept.length) chunk.copy(kept, bytes);
      bytes += chunk.length;
    });
    reply.on('end', () => finish(true));
    // After an error, too. The status is known, and it decides; what came of the body is kept and marked as cut.
    reply.on('close', () => finish(false));
  });
}

/** Each name's values together. By a map: Node's own way to group them has thrown at a header that is called `__proto__`. */
function headerList({ rawHeaders }: IncomingMessage): HeaderList {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ''] as const] : [],
  );
  return [...Map.groupBy(lines, ([name]) => name).values()].flat();
}
