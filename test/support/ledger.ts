import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { LedgerLine, Listening, ReceiverOptions, Taken } from './receiver-child.ts';

/** A receiver that runs in a process of its own and writes down what it took and answered. */
export type LedgerKeeper = Listening & {
  /** How much it has taken, as it last said. */
  readonly taken: () => Taken;
  /** Ends the process, and answers its ledger: every request, in the order of their answers. */
  readonly finish: () => Promise<readonly LedgerLine[]>;
  /** Ends the process where it still runs. */
  readonly stop: () => void;
};

/** Starts a receiver in a process of its own. `ledger` is the file to write. */
export async function startLedgerKeeper(options: ReceiverOptions): Promise<LedgerKeeper> {
  const child = fork(new URL('./receiver-child.ts', import.meta.url), [JSON.stringify(options)]);
  const [listening] = (await once(child, 'message')) as [Listening];
  let taken: Taken = { requests: 0, deliveries: 0 };
  child.on('message', (said) => {
    taken = said as Taken;
  });
  return {
    ...listening,
    taken: () => taken,
    async finish() {
      const ended = once(child, 'exit');
      child.send('finish');
      await ended;
      const lines = readFileSync(options.ledger, 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as LedgerLine);
    },
    stop: () => void child.kill(),
  };
}
