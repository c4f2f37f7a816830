/** Lines of progress where nobody watches, as in a log: one for so many. */
const LINE_EVERY = 100;

/** Tells on standard error how far a command has come: one line that changes on a terminal, and a line now and then elsewhere. */
export function progress(describe: (count: number) => string) {
  let said = 0;
  return {
    at(count: number): void {
      if (process.stderr.isTTY) process.stderr.write(`\r${describe(count)}`);
      else if (count - said >= LINE_EVERY) {
        said = count;
        console.error(describe(count));
      }
    },
    /** Ends the line that changes. */
    end(): void {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    },
  };
}
