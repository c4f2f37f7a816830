/** What a signature turned out to be, checked with the inbox's own secret. */
export type SignatureVerdict = 'valid' | 'invalid' | 'absent';

/** A request that arrived. */
export type Arrival = {
  readonly receivedAt: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The body as text, cut after 64 KB. */
  readonly body: string;
  readonly bodyBytes: number;
  readonly signature: SignatureVerdict;
  readonly standardSignature: SignatureVerdict;
  /** What the inbox answered. */
  readonly status: number;
};
