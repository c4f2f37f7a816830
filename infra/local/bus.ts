import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { BUS_REQUEST_MAX_BYTES, QUEUE_MESSAGE_MAX_BYTES } from '../../functions/domain/limits.ts';
import { EVENT_SOURCE, OWN_SOURCE } from '../../functions/transport/bus.ts';
import type { Queue } from '../../functions/transport/queue.ts';
import { ACCOUNT, REGION } from './aws.ts';
import { checkEntry, type Entry, entryBytes, type Failure } from './bus-entry.ts';

export const BUS_NAME = 'djinn-ci';
/** The rule of the bus: events of these sources go to the events queue. */
const SOURCES: readonly string[] = [EVENT_SOURCE];
const ENTRIES_MAX = 10;
const CONTENT_TYPE = 'application/x-amz-json-1.1';
/** Details are JSON inside of JSON: with every quote escaped, 1 MB of them takes a good deal more. */
const BODY_MAX_BYTES = 8 * BUS_REQUEST_MAX_BYTES;

const TOTAL_TOO_LARGE = 'Total size of the entries in the request is over the limit.';

/** An event of the service's own that was put on the bus. */
export type BusNotice = { readonly type: string; readonly detail: Readonly<Record<string, unknown>> };

type Result = { readonly EventId: string } | Failure;

/**
 * EventBridge's `PutEvents` over the AWS JSON protocol (`X-Amz-Target: AWSEvents.PutEvents`): checks the entries as
 * EventBridge does, answers as it does, and hands those that match the rule to the events queue.
 */
export function busApp(deps: {
  readonly events: Pick<Queue, 'send'>;
  readonly now: () => number;
  /** Told of the service's own events: no rule takes them, and here nobody else would ever see them. */
  readonly onNotice?: ((notice: BusNotice) => void) | undefined;
}): Hono {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: BODY_MAX_BYTES,
    onError: (context) => refuse(context, 'ValidationException', TOTAL_TOO_LARGE),
  });
  app.post('/', limit, async (context, next) => {
    if (context.req.header('x-amz-target') === undefined) return next();
    if (context.req.header('x-amz-target') !== 'AWSEvents.PutEvents') {
      return refuse(context, 'UnknownOperationException', 'This bus knows one operation: PutEvents');
    }
    const entries = await readEntries(context);
    if (typeof entries === 'string') return refuse(context, 'ValidationException', entries);
    const results = await putEvents(deps, entries);
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return context.body(JSON.stringify({ FailedEntryCount, Entries: results }), 200, { 'content-type': CONTENT_TYPE });
  });
  return app;
}

function refuse(context: Context, type: string, message: string): Response {
  return context.body(JSON.stringify({ __type: type, message }), 400, { 'content-type': CONTENT_TYPE });
}

/** The entries of a request, or why EventBridge would refuse the whole of it. */
async function readEntries(context: Context): Promise<readonly Entry[] | string> {
  const body = await parse(context.req.raw);
  const entries = typeof body === 'object' && body !== null && 'Entries' in body ? body.Entries : undefined;
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'object' && entry !== null)) {
    return "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must be a list of entries";
  }
  if (entries.length < 1 || entries.length > ENTRIES_MAX) {
    return `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${ENTRIES_MAX}`;
  }
  const total = entries.reduce((sum: number, entry: Entry) => sum + entryBytes(entry), 0);
  if (total > BUS_REQUEST_MAX_BYTES) return TOTAL_TOO_LARGE;
  return entries;
}

async function parse(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

async function putEvents(
  { events, now, onNotice }: Parameters<typeof busApp>[0],
  entries: readonly Entry[],
): Promise<readonly Result[]> {
  const checked = entries.map((entry) => {
    const id = randomUUID();
    const failure = checkEntry(entry, BUS_NAME);
    const body = failure ? '' : envelope(entry, id, now());
    const isTooLarge = Buffer.byteLength(body) > QUEUE_MESSAGE_MAX_BYTES;
    return { id, entry, body, failure: failure ?? (isTooLarge ? TOO_LARGE : undefined) };
  });
  for (const { entry, failure } of checked) {
    if (!failure && entry.Source === OWN_SOURCE) {
      onNotice?.({ type: entry.DetailType ?? '', detail: JSON.parse(entry.Detail ?? '{}') });
    }
  }
  const matching = checked.filter(({ entry, failure }) => !failure && SOURCES.includes(entry.Source ?? ''));
  const failures = await enqueue(
    events,
    matching.map(({ body }) => body),
  );
  const lost = new Map(matching.map((one, index) => [one, failures[index]]));
  return checked.map((one) => one.failure ?? lost.get(one) ?? { EventId: one.id });
}

/** Queues messages; answers, in their order, why one is not known to be queued. */
async function enqueue(
  events: Pick<Queue, 'send'>,
  bodies: readonly string[],
): Promise<readonly (Failure | undefined)[]> {
  const failure = { ErrorCode: 'InternalFailure', ErrorMessage: 'The event could not be queued' };
  try {
    const sent = await events.send(bodies.map((body) => ({ body })));
    return bodies.map((_, index) => (sent[index] ? undefined : failure));
  } catch (error) {
    return bodies.map(() => ({ ...failure, ErrorMessage: `${failure.ErrorMessage}: ${error}` }));
  }
}

const TOO_LARGE: Failure = {
  ErrorCode: 'InvalidArgument',
  ErrorMessage: 'Parameter Detail is not valid. Reason: with its envelope the event exceeds 1 MB.',
};

/** An event, as EventBridge hands it to its targets. The detail's own text is put in as it is: not one byte of it may change. */
function envelope(entry: Entry, id: string, nowMs: number): string {
  const time = new Date(typeof entry.Time === 'number' ? entry.Time * 1000 : nowMs).toISOString();
  const head = {
    version: '0',
    id,
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: ACCOUNT,
    time: time.replace(/\.\d{3}Z$/, 'Z'),
    region: REGION,
    resources: entry.Resources ?? [],
  };
  return `${JSON.stringify(head).slice(0, -1)},"detail":${entry.Detail}}`;
}
