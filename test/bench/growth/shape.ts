/** How something grows with what it is done to. */
export type Shape = 'flat' | 'linear' | 'steeper than linear';

type Measured = { readonly size: number; readonly value: number };

/** Of the exponent with which a value grows: what is below the one is flat, what is above the other is steeper than linear. */
const FLAT_BELOW = 0.2;
const STEEP_ABOVE = 1.15;

/**
 * The shape of a value over sizes in rising order: by the exponent of its growth over the last two steps, for before that what is
 * there anyway outweighs what grows. Linear is all that is neither flat nor steeper.
 */
export function shapeOf(measured: readonly Measured[]): Shape {
  const exponent = exponentOf(measured.slice(-3));
  if (exponent < FLAT_BELOW) return 'flat';
  return exponent > STEEP_ABOVE ? 'steeper than linear' : 'linear';
}

/** The exponent of growth from the first of some sizes to the last: 0 stays as it is, 1 grows as the size does, 2 as its square. */
export function exponentOf(measured: readonly Measured[]): number {
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first.size === last.size) return 0;
  if (first.value === last.value) return 0;
  return Math.log(last.value / first.value) / Math.log(last.size / first.size);
}
