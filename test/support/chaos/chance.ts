/** The one source of chance of a run: the same seed draws the same, whatever the machine. */
export type Chance = ReturnType<typeof chance>;

/** Draws by mulberry32, whose state is one 32-bit word. */
export function chance(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    /** In [0, 1). */
    next,
    /** A whole number from 0 until before `limit`. */
    below,
    /** Whether something happens whose probability is `share`. */
    happens: (share: number): boolean => next() < share,
    pick<T>(from: readonly T[]): T {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError('There is nothing to pick from');
      return picked;
    },
    /** Picks a name by its weight; those of weight 0 never. */
    weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
      const entries = Object.entries(weights) as [Name, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (weight > 0 && left < 0) return name;
      }
      throw new RangeError('There is nothing to pick from');
    },
    shuffled<T>(from: readonly T[]): T[] {
      return from
        .map((value) => ({ value, order: next() }))
        .sort((a, b) => a.order - b.order)
        .map(({ value }) => value);
    },
    /** A UUID of version 4. */
    uuid(): string {
      const digits = Array.from({ length: 32 }, () => below(16).toString(16)).join('');
      return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
    },
  };
}
