import type { Socket } from 'node:net';
import type { AttemptConnection } from '../domain/connection.ts';
import type { HeaderList, PostOutcome } from '../domain/delivery.ts';
import { ATTEMPT_DEADLINE_MS } from '../domain/limits.ts';
import { AttemptTimeoutError, BlockedError } from './connection-errors.ts';
import { type Guard, openSocket } from './connector.ts';
import { deadline } from './deadline.ts';
import { exchange } from './exchange.ts';
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
 * covers it all, from the DNS question to the last byte that is read. The URL is held to the rules for its text again:
 * they may have changed since it was saved.
 *
 * A socket of its own for every POST, without keep-alive: one that was checked a while ago, or that a frozen Lambda left
 * half dead, is never used again.
 */
export function poster(
  guard: Guard,
  deadlineMs: number = ATTEMPT_DEADLINE_MS,
  clockMs = () => performance.now(),
): Post {
  return async (request) => {
    const startedMs = clockMs();
    const attempt = deadline(deadlineMs, () => new AttemptTimeoutError());
    const { signal } = attempt;
    let connection: AttemptConnection = {};
    const note = (facts: AttemptConnection) => {
      connection = { ...connection, ...facts };
    };
    let socket: Socket | undefined;
    const cut = () => socket?.destroy(signal.reason);
    signal.addEventListener('abort', cut);
    try {
      const url = calledUrl(guard, request.url);
      socket = await openSocket(guard, url, { ...request, signal, clockMs, note });
      const response = await exchange(socket, {
        ...request,
        url,
        onFirstByte: () => note({ firstByteMs: Math.round(clockMs() - startedMs) }),
        onHead: (httpVersion) => note({ httpVersion }),
      });
      return { response, connection };
    } catch (error) {
      if (error instanceof BlockedError) guard.onBlocked?.(URL.parse(request.url)?.hostname ?? '', error.addresses);
      return { error: explain(error), connection };
    } finally {
      attempt.clear();
      socket?.destroy();
    }
  };
}

function calledUrl(guard: Guard, text: string): URL {
  const checked = guard.checkUrl(text);
  if (checked.kind === 'refused') throw new BlockedError(checked.reason);
  return checked.url;
}
