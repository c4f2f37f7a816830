import type { RequestOptions } from 'node:http';
import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AttemptConnection } from '../domain/connection.ts';
import { CONNECTION_AGE_MAX_MS, CONNECTION_IDLE_MAX_MS, CONNECTIONS_KEPT_MAX } from '../domain/limits.ts';

/** An open connection to a receiver. */
export type Connection = {
  readonly socket: Socket;
  /** The same, or what is below its TLS. */
  readonly wire: Socket;
  /** What it may be used for: one URL, with one care for certificates. */
  readonly destination: string;
  /** The address that was checked, and then dialled. */
  readonly address: string;
  /** What each attempt over it may say of it. */
  readonly facts: Pick<AttemptConnection, 'remoteAddress' | 'certificateExpiresAt'>;
};

/** The options of a request over a connection. */
type OverConnection = RequestOptions & { readonly connection: Connection };

type Held = {
  readonly connection: Connection;
  readonly name: string;
  readonly openedAtMs: number;
  idleSinceMs: number;
};

/**
 * An agent that keeps connections for a while when a request over them is done, and the reply to it was whole and did not ask to
 * close. Node's own agent sees to all of that, and, of `node:https`, to connections without TLS as well; which connection serves which request is decided here, and by what was checked.
 */
export class Connections extends Agent {
  readonly #nowMs: () => number;
  readonly #held = new WeakMap<Duplex, Held>();
  /** Those that wait for a request, the longest first. */
  readonly #idle = new Set<Held>();
  #opened = 0;

  /** `nowMs` is of a clock that goes on while a Lambda is frozen: timers do not. */
  constructor(nowMs: () => number) {
    super({ keepAlive: true, timeout: CONNECTION_IDLE_MAX_MS });
    this.#nowMs = nowMs;
  }

  /** Takes the idle connection for a destination that was used last, and is to one of these addresses. */
  take(destination: string, addresses: readonly string[]): Connection | undefined {
    for (const held of [...this.#idle].reverse()) {
      const { connection } = held;
      if (connection.destination !== destination) continue;
      this.#idle.delete(held);
      if (this.#isFit(held) && addresses.includes(connection.address)) return connection;
      connection.socket.destroy();
    }
    return undefined;
  }

  #isFit({ connection: { socket }, openedAtMs, idleSinceMs }: Held): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - idleSinceMs >= CONNECTION_IDLE_MAX_MS || nowMs - openedAtMs >= CONNECTION_AGE_MAX_MS) return false;
    return socket.readable && socket.writable;
  }

  /** Each connection has a name of its own, so that Node uses the one that was taken, and no other. */
  override getName({ connection }: OverConnection): string {
    return this.#heldOf(connection).name;
  }

  override createConnection({ connection }: OverConnection): Socket {
    const held = this.#heldOf(connection);
    return connection.socket.once('close', () => this.#idle.delete(held));
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const held = this.#held.get(socket);
    // Answers whether the socket may be kept, by Node's documentation; its types say nothing of that.
    const mayBeKept: unknown = super.keepSocketAlive(socket);
    if (held === undefined || mayBeKept !== true) return false;
    const [oldest] = this.#idle;
    if (oldest && this.#idle.size >= CONNECTIONS_KEPT_MAX) oldest.connection.socket.destroy();
    held.idleSinceMs = this.#nowMs();
    this.#idle.add(held);
    return true;
  }

  #heldOf(connection: Connection): Held {
    const known = this.#held.get(connection.socket);
    if (known) return known;
    this.#opened += 1;
    const nowMs = this.#nowMs();
    const held: Held = { connection, name: `${this.#opened}`, openedAtMs: nowMs, idleSinceMs: nowMs };
    this.#held.set(connection.socket, held);
    return held;
  }
}
