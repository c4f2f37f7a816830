/**
 * Makes a handler of a factory that is called with the first event: importing an entry reads no environment and opens no
 * connection. A factory that fails is called again with the next event.
 */
export function lazily<Inputs extends unknown[], Output>(
  make: () => (...inputs: Inputs) => Promise<Output>,
): (...inputs: Inputs) => Promise<Output> {
  let made: ((...inputs: Inputs) => Promise<Output>) | undefined;
  return async (...inputs) => {
    made ??= make();
    return made(...inputs);
  };
}
