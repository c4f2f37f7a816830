/** An entry of `PutEvents`, as a client sent it: nothing of it has been checked. */
export type Entry = {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly Resources?: readonly string[];
  /** Seconds since 1970. */
  readonly Time?: number;
};

export type Failure = { readonly ErrorCode: string; readonly ErrorMessage: string };

const TIME_BYTES = 14;
/** Of what JSON text may have: others are escaped there. To hand them on would fail, however often it is tried. */
const NOT_IN_QUEUES = /[\uFFFE\uFFFF]|\p{Surrogate}/u;
const TIME_MAX_SECONDS = 253_402_300_799;

/** Bytes that an entry counts for: its time, source, type, detail and resources, as EventBridge counts them. */
export function entryBytes(entry: Entry): number {
  const bytes = textsOf(entry).map(([, text]) => Buffer.byteLength(text));
  return bytes.reduce((sum, one) => sum + one, entry.Time === undefined ? 0 : TIME_BYTES);
}

function textsOf(entry: Entry): readonly (readonly [name: string, text: string])[] {
  const named = (['Source', 'DetailType', 'Detail'] as const).map((name) => [name, String(entry[name] ?? '')] as const);
  const resources: readonly unknown[] = Array.isArray(entry.Resources) ? entry.Resources : [];
  return [...named, ...resources.map((one) => ['Resources', String(one ?? '')] as const)];
}

/** What EventBridge reports of an entry that it does not take; undefined for one that it takes. */
export function checkEntry(entry: Entry, busName: string): Failure | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (typeof entry[name] !== 'string' || entry[name] === '') {
      return invalid(name, `${name} is a required argument.`);
    }
  }
  if (entry.Source?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (!isBus(entry.EventBusName, busName)) {
    // AWS takes these and drops them without a word. An event that nobody will ever see is better refused.
    return invalid('EventBusName', `this machine has one event bus: ${busName}.`);
  }
  if (
    entry.Time !== undefined &&
    !(typeof entry.Time === 'number' && entry.Time >= 0 && entry.Time <= TIME_MAX_SECONDS)
  ) {
    return invalid('Time', 'it is not a time.');
  }
  for (const [name, text] of textsOf(entry)) {
    if (NOT_IN_QUEUES.test(text))
      return invalid(name, 'it has a character that no queue takes: U+FFFE, U+FFFF or half a surrogate pair.');
  }
  if (!isJsonObject(entry.Detail ?? '')) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
}

function invalid(parameter: string, reason: string): Failure {
  return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${parameter} is not valid. Reason: ${reason}` };
}

/** Our bus by name or ARN; and, for clients that name none, the default one. */
function isBus(name: unknown, busName: string): boolean {
  if (name === undefined || name === 'default' || name === busName) return true;
  return typeof name === 'string' && name.endsWith(`:event-bus/${busName}`);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
