/** Something to measure: what it does, in a sentence, how long it takes, and how it is run. */
export type Bench = {
  readonly what: string;
  /** About how many minutes, on the machine that it was written on. */
  readonly minutes: { readonly full: number; readonly quick: number };
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

/** A table, whose first row is its head. */
export type Table = { readonly title: string; readonly rows: readonly (readonly string[])[] };

/** What was found, and what to make of it. */
export type Findings = {
  readonly tables: readonly Table[];
  readonly verdict: string;
  readonly results: Partial<Results>;
  /** SVG, by the name of the file in docs/images. */
  readonly charts?: Readonly<Record<string, string>>;
};

/** What `results.json` has. Counts and bytes are the same in every run; times are of the machine and the moment. */
export type Results = {
  readonly usdPerMillion: number;
  /** The same where ten events share an entry of the bus. */
  readonly usdPerMillionTogether: number;
  readonly callsPerDelivery: number;
  readonly deliveriesPerSecond: number;
  readonly deliveriesPerSecondInMemory: number;
  readonly deliveriesPerSecondTogether: number;
  readonly deliveriesPerSecondTogetherInMemory: number;
  readonly bareLoopPerSecond: number;
  readonly handlerCpuRatio: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly fairnessRatio: number;
  readonly bundles: Readonly<Record<string, { readonly bytes: number; readonly firstEventRatio: number }>>;
};

/** The value below which a share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
