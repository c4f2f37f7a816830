import type { Bench, Findings, Table } from './bench.ts';
import { attempts } from './growth/attempts.ts';
import { type Dimension, type Line, measureDimension, type Point } from './growth/dimension.ts';
import { fanOut } from './growth/fan-out.ts';
import { namespaces } from './growth/namespaces.ts';
import { payloads } from './growth/payloads.ts';
import { type Shape, shapeOf } from './growth/shape.ts';
import { lineChart } from './line-chart.ts';

/** The ways in which a system grows, by the names of their charts. */
export const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  'growth-fan-out': fanOut,
  'growth-attempts': attempts,
  'growth-namespaces': namespaces,
  'growth-payloads': payloads,
};

type Measured = { readonly chart: string; readonly dimension: Dimension; readonly lines: readonly Line[] };

/** What things take as a system grows: each is to be flat, or linear in what it is done to. */
export const growth: Bench = {
  what: 'what things take as webhooks, attempts, namespaces and payloads grow; goal: each flat or linear',
  minutes: { full: 12, quick: 0.5 },
  run: async ({ quick, tell }) => {
    const measured: Measured[] = [];
    for (const [chart, dimension] of Object.entries(DIMENSIONS)) {
      const sizes = dimension.sizes[quick ? 'quick' : 'full'];
      measured.push({ chart, dimension, lines: await measureDimension(dimension, { sizes, isTimed: true, tell }) });
    }
    return findings(measured);
  },
};

function findings(measured: readonly Measured[]): Findings {
  const steep = measured.flatMap(({ dimension, lines }) =>
    lines
      .filter((line) => shapesOf(line).includes('steeper than linear'))
      .map(({ probe }) => `${dimension.title}: ${probe}`),
  );
  return {
    tables: measured.map(tableOf),
    charts: Object.fromEntries(measured.map(({ chart, dimension, lines }) => [chart, chartOf(dimension, lines)])),
    results: {},
    verdict:
      steep.length === 0
        ? 'All of it is flat or linear, in time and in what AWS bills.'
        : `Steeper than linear: ${steep.join('; ')}.`,
  };
}

function tableOf({ dimension: { title, unit }, lines }: Measured): Table {
  const sizes = lines[0]?.points.map(({ size }) => `${size.toLocaleString('en')} ${unit}`) ?? [];
  const rows = lines.map((line) => {
    const [time, bill] = shapesOf(line);
    return [line.probe, ...line.points.map(cellOf), time, bill];
  });
  return {
    title: `${title}: ms, calls of AWS, units of DynamoDB`,
    rows: [['what', ...sizes, 'time', 'calls and units'], ...rows],
  };
}

function cellOf({ ms, calls, units }: Point): string {
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)}, ${calls}, ${units}`;
}

function shapesOf({ points }: Line): readonly [Shape, Shape] {
  return [
    shapeOf(points.map(({ size, ms }) => ({ size, value: ms }))),
    shapeOf(points.map(({ size, calls, units }) => ({ size, value: calls + units }))),
  ];
}

function chartOf({ title, unit }: Dimension, lines: readonly Line[]): string {
  return lineChart({
    title: `${title}: what things take`,
    x: unit,
    y: 'ms',
    scale: 'logarithmic',
    lines: lines.map(({ probe, points }) => ({
      label: probe,
      points: points.map(({ size, ms }) => ({ x: size, y: ms })),
    })),
  });
}
