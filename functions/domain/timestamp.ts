const RFC_3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

const YEAR_10000_MS = Date.UTC(10_000, 0);

/** Whether a text is a time of RFC 3339, section 5.6, on a day that there is; leap seconds and a space for the T included. */
export function isRfc3339(text: string): boolean {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  // Day 0 of the next month is the last day of this one.
  return day !== undefined && Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}

/** Milliseconds since 1970 (before it, negative) of a time of RFC 3339; undefined for what is none. */
export function rfc3339Ms(text: string): number | undefined {
  if (!isRfc3339(text)) return undefined;
  // Computers have no leap seconds: the one that is written is the end of the second before it.
  const plain = text
    .toUpperCase()
    .replace(' ', 'T')
    .replace(/:60(\.\d+)?/, ':59.999');
  return Date.parse(plain);
}

/**
 * The instant of an RFC 3339 time: ISO 8601 in UTC, to the millisecond, so that two spellings of it are one text.
 * Undefined for what is none, and for instants before 1970 or after 9999, which a UUIDv7 or that form cannot hold.
 */
export function instantOf(text: string): string | undefined {
  const ms = rfc3339Ms(text);
  return ms !== undefined && ms >= 0 && ms < YEAR_10000_MS ? new Date(ms).toISOString() : undefined;
}
