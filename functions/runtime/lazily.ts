import { bySources } from './stack-trace.ts';

/**
 * Makes a handler of a factory that is called with the first event: importing an entry reads no environment and opens no
 * connection. A factory that fails is called again with the next event. What is thrown goes on to Lambda, which logs its stack.
 */
export function lazily<Inputs extends unknown[], Output>(
  make: () => (...inputs: Inputs) => Promise<Output>,
): (...inputs: Inputs) => Promise<Output> {
  let made: ((...inputs: Inputs) => Promise<Output>) | undefined;
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
