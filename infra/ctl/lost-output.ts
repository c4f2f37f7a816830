/** The end of a pipe that nobody reads any more, as of `| head`: what is left unsaid was not wanted. */
const UNWANTED = 'EPIPE';

/** Has the process end with 1 where what it prints is lost, as on a full disk: it may be a token that is shown this once. */
export function failWhereOutputIsLost(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === UNWANTED) return;
    process.exitCode = 1;
    console.error(
      `Standard output took not all of the answer (${error.code}): the command was carried out, look at what it did`,
    );
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== UNWANTED) process.exitCode = 1;
  });
}
