import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench, Findings } from './bench.ts';
import { coldStart } from './cold-start.ts';
import { consolePage } from './console-page.ts';
import { cost } from './cost.ts';
import { endurance } from './endurance.ts';
import { fairness } from './fairness.ts';
import { growth } from './growth.ts';
import { latency } from './latency.ts';
import { asMarkdown, asText, withResults, withSection } from './report.ts';
import { throughput } from './throughput.ts';

/** What can be measured, by name, in the order in which all is measured. */
const BENCHES: Readonly<Record<string, Bench>> = {
  cost,
  throughput,
  latency,
  fairness,
  endurance,
  growth,
  'cold-start': coldStart,
  'console-page': consolePage,
};

const DOCUMENT = 'docs/performance.md';
const RESULTS = 'test/bench/results.json';

const USAGE = [
  'npm run bench -- [<name>...] [--quick] [--rate=<events per second>; half of what the machine holds, where none is named]',
  '',
  'Measures what is named, or all of it. A full run writes its tables and charts into docs/ and its numbers into test/bench/results.json.',
  '',
  ...Object.entries(BENCHES).map(
    ([name, { what, minutes }]) => `  ${name} (${minutes.full} min, --quick ${minutes.quick}): ${what}`,
  ),
].join('\n');

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rate: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals;
const unknown = names.filter((name) => BENCHES[name] === undefined);

if (unknown.length > 0 || values.help) {
  console.log(USAGE);
  if (!values.help) process.exitCode = 1;
} else {
  const rate = values.rate === undefined ? undefined : Number(values.rate);
  if (rate !== undefined && !(rate > 0)) throw new RangeError(`--rate must be a number above 0, not ${values.rate}`);
  await measure(rate);
}

async function measure(rate: number | undefined): Promise<void> {
  const benches = names.flatMap((name) => (BENCHES[name] ? [{ name, bench: BENCHES[name] }] : []));
  const minutes = benches.reduce((sum, { bench }) => sum + bench.minutes[values.quick ? 'quick' : 'full'], 0);
  console.error(`Measures ${names.join(', ')}: about ${minutes} min`);
  for (const [index, { name, bench }] of benches.entries()) {
    const step = `[${index + 1}/${benches.length}] ${name}`;
    console.error(`${step}: ${bench.what}`);
    try {
      const tell = (line: string) => console.error(`${step}: ${line}`);
      const findings = await bench.run({ quick: values.quick, rate, tell });
      console.log(`${asText(findings)}\n`);
      if (!values.quick) write(name, findings);
    } catch (error) {
      // What can be measured is: the others need not have the same trouble.
      console.error(`${step}: not measured`, error);
      process.exitCode = 1;
    }
  }
}

function write(name: string, findings: Findings): void {
  const { charts = {}, results } = findings;
  for (const [chart, svg] of Object.entries(charts)) writeFileSync(`docs/images/${chart}.svg`, svg);
  writeFileSync(DOCUMENT, withSection(readFileSync(DOCUMENT, 'utf8'), name, asMarkdown(findings)));
  writeFileSync(RESULTS, withResults(readFileSync(RESULTS, 'utf8'), results));
}
