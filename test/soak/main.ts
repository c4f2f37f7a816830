import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { columns } from '../../infra/ctl/output.ts';
import { type Progress, type SoakResult, soak } from './run.ts';

const USAGE = `npm run soak -- [--events=N] [--kill-every=S] [--rate=R] [--wait=M]

Puts N events (20000) on the bus of a whole system, R a second (1000) at most, kills the system every S seconds (3), and has a receiver that
fails a third of the time. Then waits for the retries that are due within M minutes (7; 0 is for runs of less than five,
else their retries of five minutes never leave the queues empty), and compares what was accepted,
the log and the receiver's ledger, id by id. Ends with 1 where something is lost or does not add up.`;

const SHOW_EVERY_MS = 10_000;
const VIOLATIONS_SHOWN = 50;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    'kill-every': { type: 'string', default: '3' },
    rate: { type: 'string', default: '1000' },
    wait: { type: 'string', default: '7' },
    help: { type: 'boolean', default: false },
  },
});

function number(name: 'events' | 'kill-every' | 'rate' | 'wait'): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`--${name} must be a number, not ${values[name]}`);
}

/** One line that is written anew on a terminal, and one now and then elsewhere. */
function shower(events: number): (progress: Progress) => void {
  const begunAt = Date.now();
  let shownAt = 0;
  return ({ doing, accepted, deliveries, requests, kills }) => {
    const seconds = Math.round((Date.now() - begunAt) / 1000);
    const line = `${seconds} s: ${accepted} of ${events} events accepted, ${deliveries} deliveries in ${requests} requests, ${kills} kills; ${doing}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else if (Date.now() - shownAt >= SHOW_EVERY_MS) {
      shownAt = Date.now();
      console.error(line);
    }
  };
}

function table(result: SoakResult): string {
  const { accepted, promised, requests, refused, kills, stormMs, duplicates, standings, audit } = result;
  const count = (value: number) => value.toLocaleString('en');
  const due = audit.oldest_due_at === null ? '' : `the next one is due ${audit.oldest_due_at}`;
  return columns([
    ['WHAT', 'COUNT', ''],
    ['events accepted', count(accepted), ''],
    ['deliveries promised', count(promised), ''],
    ...Object.entries(standings).map(([name, of]) => [`  ${name}`, count(of), name === 'retrying' ? due : '']),
    ['requests that the receiver took', count(requests), `${count(refused)} of them answered 500`],
    ['  that came again after a kill', count(duplicates), ''],
    ['kills', count(kills), `in ${Math.round(stormMs / 1000)} s`],
    ['violations', count(result.violations.length), ''],
  ]);
}

async function main(): Promise<void> {
  const events = Math.ceil(number('events') / 10) * 10;
  const folder = mkdtempSync(join(tmpdir(), 'djinn-soak-'));
  const result = await soak({
    folder,
    events,
    killEveryMs: number('kill-every') * 1_000,
    eventsPerSecond: number('rate'),
    waitMs: number('wait') * 60_000,
    onProgress: shower(events),
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  console.log(table(result));
  if (result.violations.length === 0) {
    console.log('Every delivery is accounted for.');
    rmSync(folder, { recursive: true });
    return;
  }
  process.exitCode = 1;
  for (const violation of result.violations.slice(0, VIOLATIONS_SHOWN)) console.log(violation);
  console.log(`What the system said, its data and the ledger are in ${folder}`);
}

if (values.help) console.log(USAGE);
else await main();
