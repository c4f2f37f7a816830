/** Under npm, Ctrl-C comes twice where its shell hands it on: from the terminal, and from npm a moment later. */
const ECHO_MS = 500;

/**
 * Resolves at the first of the signals. What comes within half a second of it is its echo, and is ignored; a later one finds no
 * listener any more, and ends the process as it stands.
 */
export function untilSignal(...signals: readonly NodeJS.Signals[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const onSignal = () => {
    if (!isFirst) return;
    isFirst = false;
    setTimeout(stopListening, ECHO_MS).unref();
    resolve();
  };
  const stopListening = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return promise;
}
