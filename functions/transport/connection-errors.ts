/** Why a POST came to no reply, where it is not a socket's own error. `post-errors.ts` says it to the webhook's owner. */

/** The host's name could not be resolved. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError';
}

/** No name server gave an answer in time. */
export class ResolveTimeoutError extends ResolveError {}

/**
 * The URL is none that may be called, or its host is, or resolves to, an address that must not be connected to. The
 * addresses are for the operator only.
 */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
  readonly addresses: readonly string[];

  constructor(message: string, addresses: readonly string[] = []) {
    super(message);
    this.addresses = addresses;
  }
}

/** No connection was there in time, TLS included. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
}

/** Nothing came back over a connection that was used before: the receiver had given it up. A new one will tell. */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

/** The attempt's deadline. */
export class AttemptTimeoutError extends Error {
  override readonly name = 'AttemptTimeoutError';
}

/** What came is no reply to a POST. */
export class NoReplyError extends Error {
  override readonly name = 'NoReplyError';
}

/** More interim responses (1xx) came than anybody means. */
export class InterimFloodError extends Error {
  override readonly name = 'InterimFloodError';
}

/** More came than a reply's head takes, and no end of it. */
export class ReplyFloodError extends Error {
  override readonly name = 'ReplyFloodError';
}

/** More came than a TLS handshake takes, and no end of it. */
export class HandshakeFloodError extends Error {
  override readonly name = 'HandshakeFloodError';
}
