/** The characters that SQS takes, and so every one of ours that is not among them (SendMessage, `MessageBody`). */
const NOT_FOR_SQS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/**
 * Mends fauxqs 2.4.1, which refuses every message with a character beyond U+FFFF, such as an emoji: its check is written
 * without the `u` flag and takes both halves of a surrogate pair for invalid. Payloads must arrive as they were sent, so
 * escaping them is no way out. The check is a regular expression that two of its modules share.
 */
export async function mendFauxqs(): Promise<void> {
  const shared: unknown = await import(new URL('./sqs/sqsTypes.js', import.meta.resolve('fauxqs')).href);
  const check = (shared as { readonly INVALID_MESSAGE_BODY_CHAR?: RegExp }).INVALID_MESSAGE_BODY_CHAR;
  if (check === undefined) throw new Error('fauxqs has changed: see whether it takes emojis now, and drop this');
  check.test = (body) => NOT_FOR_SQS.test(body);
}
