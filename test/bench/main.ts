import { parseArgs } from 'node:util';
import { columns } from '../../infra/ctl/output.ts';
import type { Bench } from './bench.ts';
import { fairness } from './fairness.ts';

/** What can be measured, by name. */
const BENCHES: Readonly<Record<string, Bench>> = { fairness };

const USAGE = [
  'npm run bench -- <name> [--quick]',
  '',
  ...Object.entries(BENCHES).map(([name, { what }]) => `  ${name}: ${what}`),
].join('\n');

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const bench = BENCHES[positionals[0] ?? ''];

if (bench === undefined || values.help) {
  console.log(USAGE);
  if (!values.help) process.exitCode = 1;
} else {
  const { rows, verdict } = await bench.run({ quick: values.quick, tell: (line) => console.error(line) });
  console.log(columns(rows));
  console.log(verdict);
}
