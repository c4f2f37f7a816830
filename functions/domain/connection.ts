/**
 * What is known of an attempt's connection; absent is what it did not come to, and all of it in attempts of before it was
 * measured. Times are whole milliseconds.
 */
export type AttemptConnection = {
  /** Spent on finding the host's addresses; absent where the URL has one. */
  readonly dnsMs?: number;
  /** Spent on connecting (TCP), on all addresses that were tried. */
  readonly connectMs?: number;
  /** Spent on the TLS handshake. */
  readonly tlsMs?: number;
  /** From the attempt's beginning to the first byte that came back in reply to the request. */
  readonly firstByteMs?: number;
  /** As the receiver says: '1.1'. */
  readonly httpVersion?: string;
  /** When the receiver's certificate ends, RFC 3339. */
  readonly certificateExpiresAt?: string;
  /** The address that was connected to, or was to be. For operators only: users would map networks with it. */
  readonly remoteAddress?: string;
};
