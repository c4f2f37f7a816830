/** A secret that was replaced, as ciphertext, and until when it still signs `webhook-signature`, beside its successor. */
export type PreviousSecret = { readonly sealed: string; readonly until: string };

/** What of a webhook says how its deliveries are signed. */
type Signing = {
  readonly sealedSecret?: string | undefined;
  readonly previousSecret?: PreviousSecret | undefined;
};

/**
 * What signs a webhook's deliveries at a moment, as ciphertexts: its secret and, after it, the one that was replaced, until that
 * ends. None where it has no secret: what was replaced alone signs nothing.
 */
export function signingSecrets({ sealedSecret, previousSecret }: Signing, nowMs: number): readonly string[] {
  if (sealedSecret === undefined) return [];
  const signsToo = previousSecret !== undefined && Date.parse(previousSecret.until) > nowMs;
  return signsToo ? [sealedSecret, previousSecret.sealed] : [sealedSecret];
}

/** A secret that is replaced now, and signs for so long; null where it ends at once, or there is none. */
export function replacedSecret(
  sealed: string | undefined,
  { nowMs, overlapSeconds }: { readonly nowMs: number; readonly overlapSeconds: number },
): PreviousSecret | null {
  if (sealed === undefined || overlapSeconds === 0) return null;
  return { sealed, until: new Date(nowMs + overlapSeconds * 1000).toISOString() };
}

/** A secret that was replaced before, where its successor is named again: it ends as it was to, or earlier where that is said now. */
export function endedSooner(
  previous: PreviousSecret,
  { nowMs, overlapSeconds }: { readonly nowMs: number; readonly overlapSeconds: number },
): PreviousSecret | null {
  const untilMs = Math.min(Date.parse(previous.until), nowMs + overlapSeconds * 1000);
  return untilMs <= nowMs ? null : { ...previous, until: new Date(untilMs).toISOString() };
}
