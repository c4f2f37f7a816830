import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Place } from './place.ts';
import type { Arrival, Told } from './receiver-child.ts';

/** A receiver that runs. */
export type Receiver = {
  /** A payload URL that is answered with these, one after the other: see `receiver-child.ts`. */
  readonly urlOf: (...answers: readonly string[]) => string;
  /** All that has arrived so far at a payload URL. */
  readonly arrivals: (payloadUrl: string) => readonly Arrival[];
  readonly stop: () => Promise<void>;
};

const CHILD = fileURLToPath(new URL('receiver-child.ts', import.meta.url));

/** Starts it in its place. */
export async function startReceiver({ address, prefix }: Place): Promise<Receiver> {
  const [program = '', ...parameters] = [...prefix, process.execPath, CHILD, address];
  const child = spawn(program, parameters, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const arrivals: Arrival[] = [];
  const listening = Promise.withResolvers<number>();
  child.on('message', (message) => {
    const told = message as Told;
    if ('port' in told) listening.resolve(told.port);
    else arrivals.push(told.arrival);
  });
  child.once('error', listening.reject);
  child.once('exit', (code) => listening.reject(new Error(`The receiver ended with ${code}`)));
  const base = `http://${address}:${await listening.promise}`;
  return {
    urlOf: (...answers) => [base, ...answers].join('/'),
    arrivals: (payloadUrl) => arrivals.filter(({ path }) => base + path === payloadUrl),
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
