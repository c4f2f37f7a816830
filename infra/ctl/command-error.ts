/** What is wrong with a command, in a sentence that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
