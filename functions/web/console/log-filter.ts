import type { DeliveryFilter } from '../../actions/deliveries.ts';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { DELIVERY_STATUSES } from '../../domain/delivery.ts';
import { isUuid, UUID_PATTERN } from '../../domain/id.ts';
import { type Cursor, readCursor } from '../../domain/page.ts';
import { endTimeOf, TIME_WANTED, timeOf } from './typed-time.ts';

/** How far back the log goes, in words that stand in URLs. */
export const SPANS = {
  '1h': { text: 'Last hour', hours: 1 },
  '24h': { text: 'Last 24 hours', hours: 24 },
  '7d': { text: 'Last 7 days', hours: 7 * 24 },
} as const;

/** The fields of the filter, as they stand in the URL. */
const FILTER_FIELDS = ['status', 'event', 'within', 'since', 'until', 'id'] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];
/** What was typed, field by field; empty where nothing was. */
export type Typed = Readonly<Record<FilterField, string>>;

/** Which page of the log a URL asks for. */
export type LogQuery = {
  readonly filter: DeliveryFilter;
  readonly cursor: Cursor | undefined;
  readonly isFiltered: boolean;
  /** A delivery to go to. */
  readonly deliveryId: string | undefined;
};

/** `errors` are sentences, by the field that they are about. */
type Reading =
  | { readonly typed: Typed; readonly query: LogQuery }
  | { readonly typed: Typed; readonly errors: Readonly<Partial<Record<FilterField | 'cursor', string>>> };

const CURSOR = new RegExp(`^(after|upto)\\.${UUID_PATTERN}$`);

/** Whether a text is a place in a list whose positions are UUIDs. */
export function isLogCursor(text: string): boolean {
  return CURSOR.test(text);
}

const HOUR_MS = 60 * 60 * 1000;

/** Reads which page of the log is asked for. All that is said of it must hold: of a span and a time, the later one counts. */
export function readLogQuery(parameters: URLSearchParams, nowMs: number): Reading {
  const typed = Object.fromEntries(
    FILTER_FIELDS.map((name) => [
      name,
      parameters
        .get(name)
        ?.replace(/\p{Cc}/gu, '')
        .trim() ?? '',
    ]),
  ) as unknown as Typed;
  const cursorText = parameters.get('cursor') ?? '';
  const status = DELIVERY_STATUSES.find((one) => one === typed.status);
  const type = EVENT_TYPES.find((one) => one === typed.event);
  const span = Object.entries(SPANS).find(([name]) => name === typed.within)?.[1];
  const sinceMs = typed.since === '' ? undefined : timeOf(typed.since);
  const untilMs = typed.until === '' ? undefined : endTimeOf(typed.until);
  const id = typed.id.toLowerCase();
  const wrong = {
    status: typed.status !== '' && status === undefined && `There is no status ${quoted(typed.status)}`,
    event: typed.event !== '' && type === undefined && `There is no event ${quoted(typed.event)}`,
    within: typed.within !== '' && span === undefined && `The log has no span of time ${quoted(typed.within)}`,
    since: typed.since !== '' && sinceMs === undefined && `“From” ${TIME_WANTED}`,
    until:
      typed.until !== '' &&
      (untilMs === undefined ? `“Until” ${TIME_WANTED}` : untilMs <= (sinceMs ?? -1) && ENDS_TOO_EARLY),
    id: id !== '' && !isUuid(id) && noId(id),
    cursor: cursorText !== '' && !isLogCursor(cursorText) && 'The URL names a place in the log that there cannot be',
  };
  const errors = Object.entries(wrong).filter(([, sentence]) => sentence !== false);
  if (errors.length > 0) return { typed, errors: Object.fromEntries(errors) };
  const starts = [sinceMs, span && nowMs - span.hours * HOUR_MS].filter((ms) => ms !== undefined);
  const filter = { status, type, untilMs, sinceMs: starts.length === 0 ? undefined : Math.max(...starts) };
  return {
    typed,
    query: {
      filter,
      cursor: cursorText === '' ? undefined : readCursor(cursorText),
      isFiltered: Object.values(filter).some((value) => value !== undefined),
      deliveryId: id === '' ? undefined : id,
    },
  };
}

const ENDS_TOO_EARLY = '“Until” must be later than “From”';

/** What is wrong with what should be a delivery's id, in lower case. */
function noId(text: string): string {
  return /^[0-9a-f-]{1,35}$/.test(text)
    ? 'This is a part of an id: paste all 36 characters, as they stand in X-Djinn-CI-Delivery'
    : 'This is no id of a delivery: it has 36 characters, as they stand in X-Djinn-CI-Delivery';
}

/** Somebody else may have written the URL: no more of it is repeated than can be read at a glance. */
function quoted(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
