import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { REPLY_HEAD_MAX_BYTES, REPLY_READ_MAX_BYTES, REPLY_WIRE_MAX_BYTES } from '../domain/limits.ts';

const WIRE_COUNTED_EVERY_MS = 50;

/** A bound on the bytes that come for one reply, whatever the parser makes of them. */
export type ReplyBound = {
  /** Told when more have come, and with each piece that comes all the same. */
  onOver: () => void;
  /** After an interim response: another head may follow. */
  readonly startOver: () => void;
  /** Leaves the socket as it was: another reply may come over it. */
  readonly stop: () => void;
};

/**
 * Counts on the socket, head and framing included. What the parser tells of is not all that comes: it passes over line breaks before
 * a head, spaces before a header's value and zeros before a chunk's length, as many as there are. Nor is what TLS has to say for itself, such as
 * another handshake, in the bytes of its socket: now and then those of the wire below it are counted, too.
 */
export function replyBound(request: ClientRequest, wire: Socket, onOver: () => void): ReplyBound {
  const wireBefore = wire.bytesRead;
  let socket: Socket | undefined;
  let bytesBefore = 0;
  const startOver = () => {
    bytesBefore = socket?.bytesRead ?? 0;
  };
  const check = () => {
    if (socket && socket.bytesRead - bytesBefore > REPLY_HEAD_MAX_BYTES + REPLY_READ_MAX_BYTES) bound.onOver();
  };
  const timer = setInterval(() => {
    if (wire.bytesRead - wireBefore > REPLY_WIRE_MAX_BYTES) bound.onOver();
  }, WIRE_COUNTED_EVERY_MS);
  const stop = () => {
    clearInterval(timer);
    socket?.off('data', check);
  };
  const bound = { onOver, startOver, stop };
  // Behind the parser: of a piece that is too much, it has told what there is in it.
  request.once('socket', (given) => {
    socket = given.on('data', check);
    startOver();
  });
  return bound;
}
