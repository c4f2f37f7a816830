import { CERTIFICATE_WARNING_DAYS } from './limits.ts';

/**
 * What is known of an attempt's connection; absent is what it did not come to, and all of it in attempts of before it was
 * measured. Times are whole milliseconds.
 */
export type AttemptConnection = {
  /** Whether it was open already, from a request of a few seconds before: nothing was spent on connecting. */
  readonly reused?: true;
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

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the owner of a webhook ought to know of the receiver's certificate at a time; null where it is good for long. */
export function certificateWarning(expiresAt: string, atMs: number): string | null {
  const leftMs = Date.parse(expiresAt) - atMs;
  if (leftMs > CERTIFICATE_WARNING_DAYS * DAY_MS) return null;
  const day = expiresAt.slice(0, 10);
  if (leftMs <= 0) return `The receiver's certificate expired on ${day}`;
  return `The receiver's certificate expires on ${day}. Renew it, or deliveries will fail`;
}
