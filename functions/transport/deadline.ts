/** A signal that aborts once `ms` have passed, with what `reason` makes, or when `signal` does; `clear` ends the waiting. */
export function deadline(
  ms: number,
  reason: () => Error,
  signal?: AbortSignal,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  // Not `AbortSignal.timeout` and `any`: their timers cannot be cleared, and each attempt sets several.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(reason()), ms);
  const follow = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', follow);
  if (signal?.aborted) follow();
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}

/** What `work` comes to, or the signal's reason where it aborts first: whoever works may not listen to it. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
