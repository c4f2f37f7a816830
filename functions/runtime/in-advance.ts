import { setTimeout as wait } from 'node:timers/promises';
import { log } from './log.ts';
import { bySources } from './stack-trace.ts';

type Handler<Inputs extends unknown[], Output> = (...inputs: Inputs) => Promise<Output>;

/** What a function is made of: its handler, and what to try with it before the first event. */
export type Made<Inputs extends unknown[], Output> = {
  readonly handle: Handler<Inputs, Output>;
  /** Changes nothing. The first call of a service takes ten times as long as the next ones, most of it the processor's time. */
  readonly rehearse: () => Promise<unknown>;
};

/** A service that does not answer in time will be waited for by those who need it. */
const REHEARSAL_MS = 2_000;

/**
 * Makes a handler and rehearses it while Lambda initialises the function: for that it gives a whole processor, and for events only what
 * goes with the memory. Where it cannot be made, as without the settings, it is made with the next event, which fails if that does;
 * a rehearsal that fails is logged. What is thrown goes on to Lambda, which logs its stack.
 */
export async function inAdvance<Inputs extends unknown[], Output>(
  make: () => Made<Inputs, Output>,
  { rehearsalMs = REHEARSAL_MS }: { readonly rehearsalMs?: number } = {},
): Promise<Handler<Inputs, Output>> {
  let made = orNothing(make);
  await rehearsed(made, rehearsalMs);
  return async (...inputs) => {
    try {
      made ??= make();
      return await made.handle(...inputs);
    } catch (error) {
      if (error instanceof Error && error.stack !== undefined) error.stack = bySources(error.stack);
      throw error;
    }
  };
}

/** What fails here fails again with the event that needs it: there somebody is told. */
function orNothing<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

async function rehearsed(made: Pick<Made<never, unknown>, 'rehearse'> | undefined, withinMs: number): Promise<void> {
  try {
    await Promise.race([made?.rehearse(), wait(withinMs, undefined, { ref: false })]);
  } catch (error) {
    log.warn('What is tried before the first event failed', { error });
  }
}
