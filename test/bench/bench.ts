/** Something to measure: what it does, in a sentence, and how it is run. */
export type Bench = {
  readonly what: string;
  readonly run: (options: BenchOptions) => Promise<Findings>;
};

export type BenchOptions = {
  /** A short run, for whether it works and roughly how much. */
  readonly quick: boolean;
  /** Events per second, where that is not to be measured first: for machines that others work on, too. */
  readonly rate?: number | undefined;
  /** Told how far it is, a line at a time. */
  readonly tell: (line: string) => void;
};

/** A table, whose first row is its head, and what to make of it. */
export type Findings = { readonly rows: readonly (readonly string[])[]; readonly verdict: string };

/** The value below which a share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
