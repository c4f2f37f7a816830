import { describe, expect, it } from 'vitest';
import { measureDimension } from './growth/dimension.ts';
import { exponentOf, shapeOf } from './growth/shape.ts';
import { DIMENSIONS } from './growth.ts';

type Counted = { readonly sizes: readonly number[]; readonly counts: Readonly<Record<string, readonly string[]>> };

/** At three sizes, and beyond them each goes on as it does here: `<calls of AWS>/<units of DynamoDB>`. */
const COUNTED: Readonly<Record<string, Counted>> = {
  'growth-fan-out': {
    sizes: [1, 20, 40],
    counts: {
      'taking the event in': ['6/2', '7/2', '9/3'],
      'making its deliveries': ['6/3', '11/51', '21/102'],
    },
  },
  'growth-attempts': {
    sizes: [1, 1_500, 3_000],
    counts: {
      'the first page of the log': ['2/1.5', '2/3.5', '2/3.5'],
      'a page from the oldest day': ['2/1.5', '2/2.5', '2/2.5'],
      'a page of dead ones, one in a hundred': ['2/1.5', '6/65', '7/86'],
      'one delivery': ['3/2.5', '3/2.5', '3/2.5'],
      'the chart of a day': ['1/0.5', '1/42', '1/42'],
      'a run of the schedule of retries': ['5/2.5', '5/2.5', '5/2.5'],
      'a recovery of ten minutes': ['6/16', '9/67', '9/67'],
      'a recovery of all': ['6/16', '11/142', '21/278.5'],
    },
  },
  'growth-namespaces': {
    sizes: [1, 20, 40],
    counts: {
      'an event, to its delivery': ['13/5', '12/5', '12/5'],
      'finding one by its path': ['2/1.5', '2/1.5', '2/1.5'],
      'the list of what one has, up to 500': ['3/1.5', '3/11', '3/21'],
      'the list of all, for operators': ['1/0.5', '1/1.5', '1/3'],
    },
  },
  'growth-payloads': {
    sizes: [1, 100, 200],
    counts: {
      'taking the event in': ['6/2', '6/55', '6/109'],
      'making the delivery': ['6/3', '6/9.5', '6/16'],
      'showing the delivery': ['3/2.5', '3/9', '3/15.5'],
    },
  },
};

describe('what is done takes as many calls and units as ever', () => {
  it.each(Object.entries(COUNTED))('%s', { timeout: 60_000 }, async (name, { sizes, counts }) => {
    const dimension = DIMENSIONS[name];
    if (dimension === undefined) throw new Error(`There is no ${name}`);
    const lines = await measureDimension(dimension, { sizes, isTimed: false, tell: () => undefined });
    const found = lines.map(({ probe, points }) => [probe, points.map(({ calls, units }) => `${calls}/${units}`)]);
    expect(Object.fromEntries(found)).toEqual(counts);
  });
});

describe('the shape of a growth', () => {
  const measured = (value: (size: number) => number) =>
    [1, 10, 100, 1_000].map((size) => ({ size, value: value(size) }));

  it('is flat where it stays, or nearly', () => {
    expect(shapeOf(measured(() => 3))).toBe('flat');
    expect(shapeOf(measured((size) => 3 + Math.log10(size) / 4))).toBe('flat');
    expect(shapeOf(measured(() => 0))).toBe('flat');
  });

  it('is flat where it has reached its bound, and linear until then', () => {
    expect(shapeOf(measured((size) => Math.min(size, 10)))).toBe('flat');
    expect(shapeOf(measured((size) => 5 + size))).toBe('linear');
  });

  it('is steeper where it rises faster than its size', () => {
    expect(shapeOf(measured((size) => size ** 1.5))).toBe('steeper than linear');
    expect(shapeOf(measured((size) => size * Math.log2(size + 1) * size))).toBe('steeper than linear');
  });

  it('has no exponent of one size', () => {
    expect(exponentOf([{ size: 5, value: 3 }])).toBe(0);
  });
});
