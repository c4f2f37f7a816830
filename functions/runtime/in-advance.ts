import { bySources } from './stack-trace.ts';

type Handler<Inputs extends unknown[], Output> = (...inputs: Inputs) => Promise<Output>;

/**
 * Makes a handler of a factory that is called at once, while Lambda initialises the function: for that it gives a whole processor, and for
 * events only what goes with the memory. A factory that fails, as it does wherever the settings are lacking, is called again with the
 * next event, which then fails. What is thrown goes on to Lambda, which logs its stack.
 */
export function inAdvance<Inputs extends unknown[], Output>(
  make: () => Handler<Inputs, Output>,
): Handler<Inputs, Output> {
  let made = orNothing(make);
  return async (...inputs) => {
    try {
      made ??= make();
      return await made(...inputs);
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
