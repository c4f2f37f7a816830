import { parseArgs } from 'node:util';
import { columns } from '../../infra/ctl/output.ts';
import type { Bench } from './bench.ts';
import { consolePage } from './console-page.ts';
import { fairness } from './fairness.ts';

/** What can be measured, by name. */
const BENCHES: Readonly<Record<string, Bench>> = { fairness, 'console-page': consolePage };

const USAGE = [
  'npm run bench -- <name> [--quick] [--rate=<events per second>; half of what the machine holds, where none is named]',
  '',
  ...Object.entries(BENCHES).map(([name, { what }]) => `  ${name}: ${what}`),
].join('\n');

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rate: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const bench = BENCHES[positionals[0] ?? ''];

if (bench === undefined || values.help) {
  console.log(USAGE);
  if (!values.help) process.exitCode = 1;
} else {
  const rate = values.rate === undefined ? undefined : Number(values.rate);
  if (rate !== undefined && !(rate > 0)) throw new RangeError(`--rate must be a number above 0, not ${values.rate}`);
  const { rows, verdict } = await bench.run({ quick: values.quick, rate, tell: (line) => console.error(line) });
  console.log(columns(rows));
  console.log(verdict);
}
