import { describe, expect, it } from 'vitest';
import { barChart } from './chart.ts';
import { lineChart } from './line-chart.ts';
import { asMarkdown, sectionOf, withResults, withSection } from './report.ts';

const FOUND = {
  tables: [
    {
      title: 'Times',
      rows: [
        ['what', 'ms'],
        ['a', '1'],
      ],
    },
  ],
  verdict: 'Good.',
  charts: { times: '<svg aria-label="Times of all"/>' },
};
const DOCUMENT = 'Before\n<!-- times: begin -->\nold\n<!-- times: end -->\nAfter\n';

describe('the report', () => {
  it('replaces its own section, again and again, and nothing else', () => {
    const content = asMarkdown(FOUND);
    const written = withSection(withSection(DOCUMENT, 'times', 'other'), 'times', content);
    expect(sectionOf(written, 'times')).toBe(content);
    expect(written).toMatch(/^Before\n/);
    expect(written).toMatch(/\nAfter\n$/);
    expect(content).toContain('| what | ms |\n| --- | --: |\n| a | 1 |');
    expect(content).toContain('![Times of all](images/times.svg)');
  });

  it('does not write where it has no place', () => {
    expect(() => withSection(DOCUMENT, 'sizes', 'new')).toThrow('no marks for a section sizes');
  });

  it('keeps the results of other runs', () => {
    const earlier = '{"usdPerMillion":4,"fairnessRatio":1}';
    expect(JSON.parse(withResults(earlier, { fairnessRatio: 1.1 }))).toEqual({ usdPerMillion: 4, fairnessRatio: 1.1 });
  });
});

describe('a chart', () => {
  const bars = [
    { label: 'a <b> & "c"', values: [1, 2] },
    { label: 'd', values: [6, 0] },
  ];
  const svg = barChart({ title: 'Times', unit: 'ms', parts: ['one', 'two'], bars, goal: 5 });

  it('has bars as long as what they stand for, end to end', () => {
    const widths = [...svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="18"/g)];
    const [first = [], second = [], third = []] = widths;
    expect(Number(second[2])).toBeCloseTo(2 * Number(first[2]), 0);
    expect(Number(third[2])).toBeCloseTo(6 * Number(first[2]), 0);
    expect(Number(second[1])).toBeCloseTo(Number(first[1]) + Number(first[2]), 0);
  });

  it('says what it shows, whatever that is called', () => {
    expect(svg).toContain('a &lt;b> &amp; &quot;c&quot;');
    expect(svg).toContain('goal 5.00 ms');
  });
});

describe('a chart of lines', () => {
  const rising = (exponent: number) => [1, 10, 100, 1_000].map((x) => ({ x, y: x ** exponent }));
  const draw = (scale: 'linear' | 'logarithmic', ...exponents: readonly number[]) => {
    const lines = exponents.map((exponent) => ({ label: `<${exponent}>`, points: rising(exponent) }));
    const svg = lineChart({ title: 'Growth', x: 'webhooks', y: 'ms', scale, lines });
    const places = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = '']) =>
      points.split(' ').map((place) => place.split(',').map(Number)),
    );
    return { svg, slopes: places.map((line) => slopesOf(line)) };
  };
  const slopesOf = (line: readonly (readonly number[])[]) =>
    line.slice(1).map(([x = 0, y = 0], index) => ((line[index]?.[1] ?? 0) - y) / (x - (line[index]?.[0] ?? 0)));

  it('shows a power as a straight line, and a flat one level, where its axes are logarithmic', () => {
    const [flat = [], linear = [], square = []] = draw('logarithmic', 0, 1, 2).slopes;
    expect(flat).toEqual([0, 0, 0]);
    expect(new Set(linear.map((slope) => slope.toFixed(2))).size).toBe(1);
    expect(square[0]).toBeCloseTo(2 * (linear[0] ?? 0), 1);
  });

  it('shows equal steps as equal where they are linear', () => {
    const [linear = []] = draw('linear', 1).slopes;
    expect(linear[2]).toBeCloseTo(linear[0] ?? 0, 1);
  });

  it('names its axes, its ticks and its lines, whatever these are called', () => {
    const { svg } = draw('logarithmic', 1);
    for (const content of ['webhooks', 'ms', '1,000', '&lt;1>']) expect(svg).toContain(`>${content}</text>`);
  });
});
