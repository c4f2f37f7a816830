import type { AttemptRequest } from './delivery.ts';
import { ATTEMPT_DEADLINE_MS, CURL_BODY_MAX_BYTES } from './limits.ts';

/** A command for a POSIX shell that sends a request again, byte for byte, and what to know before it is run. */
export type CurlCommand = {
  readonly command: string;
  /** The file that the command takes the body from, which has to be saved first; undefined where the body stands in it. */
  readonly bodyFile: string | undefined;
  /** Whole sentences. */
  readonly notes: readonly string[];
};

const BODY_FILE = 'payload.json';

/** `curl` asks before it sends a longer body; deliveries do not. */
const ASKS_FROM_BYTES = 1024;

/** The command that sends an attempt's request again, with its headers, signatures included, as they were. */
export function curlCommand({ url, headers }: AttemptRequest, body: Uint8Array): CurlCommand {
  const text = inlineText(body);
  const bodyFile = text === undefined ? BODY_FILE : undefined;
  const command = [
    `curl --include --http1.1 --globoff --max-time ${ATTEMPT_DEADLINE_MS / 1000}`,
    ...headers.map(([name, value]) => `--header ${shellQuoted(headerLine(name, value))}`),
    ...(body.length > ASKS_FROM_BYTES ? [`--header ${shellQuoted('Expect:')}`] : []),
    `--data-binary ${text === undefined ? `@${BODY_FILE}` : shellQuoted(text)}`,
    shellQuoted(url),
  ].join(' \\\n  ');
  const isTimed = headers.some(([name]) => name.toLowerCase() === 'webhook-timestamp');
  const notes = [
    ...(bodyFile === undefined
      ? []
      : [`Save the payload as ${bodyFile} first, as it is: the signatures are over its bytes.`]),
    ...(isTimed
      ? ['The signature in webhook-signature is of the attempt: libraries refuse it some minutes later.']
      : []),
  ];
  return { command, bodyFile, notes };
}

/** A text as one word of a POSIX shell; the text has no NUL, for no word can have one. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `curl` takes a name without a value for a header that it is to leave out. */
function headerLine(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`;
}

/**
 * The text of a body that can be pasted into a terminal as it is: short, in UTF-8, and without control characters, but for
 * newlines, or characters that cannot be seen or turn the text around, but for those that join emojis and letters. `curl` takes an @ at the beginning for the name of a file.
 */
function inlineText(body: Uint8Array): string | undefined {
  if (body.length > CURL_BODY_MAX_BYTES) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString('utf8');
  const isWhole = Buffer.from(text, 'utf8').equals(bytes);
  return isWhole && !/^@|(?!\n)\p{Cc}|(?![\u200c\u200d])\p{Cf}/u.test(text) ? text : undefined;
}
