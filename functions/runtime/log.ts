import { plainError, redact } from './redact.ts';

type Level = 'INFO' | 'WARN' | 'ERROR';
type Fields = Readonly<Record<string, unknown>>;

/**
 * The operator's log, in JSON lines of the form that Lambda tells the level and the time of, and drops what is below a function's level.
 * Nothing is logged of a success; never a secret, a token, a signature, a payload or a user's URL. An error is the field `error`.
 *
 * Powertools' logger would be a twentieth of each bundle, for what these few lines do.
 */
export const log = {
  info: (message: string, fields?: Fields) => write('INFO', message, fields),
  warn: (message: string, fields?: Fields) => write('WARN', message, fields),
  error: (message: string, fields?: Fields) => write('ERROR', message, fields),
};

function write(level: Level, message: string, fields: Fields = {}): void {
  const line = { level, message, timestamp: new Date().toISOString(), service: 'djinn-webhooks' };
  // Not by `console`, whose lines Lambda puts into the message of its own.
  process[level === 'INFO' ? 'stdout' : 'stderr'].write(`${inJson(line, fields)}\n`);
}

/** What JSON cannot write, such as a ring of objects, must not make a failure of the line that tells of one. */
function inJson(line: Fields, fields: Fields): string {
  try {
    return JSON.stringify({ ...line, ...fields }, shown);
  } catch (error) {
    return JSON.stringify({ ...line, unwritable: Object.keys(fields), why: error }, shown);
  }
}

function shown(_: string, value: unknown): unknown {
  if (value instanceof Error) return plainError(value);
  return typeof value === 'string' ? redact(value) : value;
}
