/** What the test says while it runs: what it does, when, and what came of it. */
export type Progress = {
  /** Does a part of the test. Whatever it throws says in which part it was thrown. */
  readonly step: <T>(what: string, work: () => Promise<T>) => Promise<T>;
  /** A fact about the part that is under way. */
  readonly say: (fact: string) => void;
};

/** Says it on standard output, each part with the seconds since the beginning. */
export function progress(): Progress {
  const startedMs = Date.now();
  return {
    async step(what, work) {
      const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
      console.log(`${seconds.padStart(6)} s  ${what}`);
      try {
        return await work();
      } catch (cause) {
        throw new Error(`This did not work: ${what}. ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      }
    },
    say: (fact) => console.log(`          ${fact}`),
  };
}
