import type { AttemptConnection } from '../domain/connection.ts';
import type { HeaderList, PostOutcome } from '../domain/delivery.ts';
import { ATTEMPT_DEADLINE_MS } from '../domain/limits.ts';
import { AttemptTimeoutError, BlockedError, StaleConnectionError } from './connection-errors.ts';
import { Connections } from './connections.ts';
import { connect, type Guard } from './connector.ts';
import { deadline } from './deadline.ts';
import { exchange } from './exchange.ts';
import { explain, isOwnTrouble } from './post-errors.ts';

export type PostRequest = {
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  readonly verifyCertificate: boolean;
};

export type Post = (request: PostRequest) => Promise<PostOutcome>;

export type PosterOptions = {
  readonly deadlineMs?: number | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly clockMs?: (() => number) | undefined;
  /** Milliseconds of a clock that goes on while a Lambda is frozen. */
  readonly nowMs?: (() => number) | undefined;
};

/**
 * Makes the one function that sends requests to users' URLs. It throws for want of what we lack ourselves, such as sockets, and for nothing
 * else; it never follows a redirect; one deadline covers it all, from the DNS question to the last byte that is read. The URL is held to the
 * rules for its text again: they may have changed since it was saved.
 *
 * A connection that is whole after a POST is kept for a few seconds, for the next one to the same URL: it saves the receiver and
 * us the handshakes, of which most of a POST consists. Its address is checked as if it were dialled.
 */
export function poster(
  guard: Guard,
  { deadlineMs = ATTEMPT_DEADLINE_MS, clockMs = () => performance.now(), nowMs = Date.now }: PosterOptions = {},
): Post {
  const connections = new Connections(nowMs);
  return async (request) => {
    const startedMs = clockMs();
    const attempt = deadline(deadlineMs, () => new AttemptTimeoutError());
    let known: AttemptConnection = {};
    const note = (facts: AttemptConnection) => {
      known = { ...known, ...facts };
    };
    const send = async (url: URL, kept?: Connections) => {
      known = {};
      const { signal } = attempt;
      const connection = await connect(guard, url, { ...request, signal, clockMs, note, kept });
      const onFirstByte = () => note({ firstByteMs: Math.round(clockMs() - startedMs) });
      const onHead = (httpVersion: string) => note({ httpVersion });
      return exchange(connections, connection, { ...request, url, signal, onFirstByte, onHead });
    };
    try {
      const url = calledUrl(guard, request.url);
      const response = await send(url, connections).catch((error: unknown) => {
        if (error instanceof StaleConnectionError) return send(url);
        throw error;
      });
      return { response, connection: known };
    } catch (error) {
      if (error instanceof BlockedError) guard.onBlocked?.(URL.parse(request.url)?.hostname ?? '', error.addresses);
      if (isOwnTrouble(error)) throw error;
      return { error: explain(error), connection: known };
    } finally {
      attempt.clear();
    }
  };
}

function calledUrl(guard: Guard, text: string): URL {
  const checked = guard.checkUrl(text);
  if (checked.kind === 'refused') throw new BlockedError(checked.reason);
  return checked.url;
}
