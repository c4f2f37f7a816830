import { memberText } from '../domain/json-span.ts';

const EXCERPT_CHARACTERS = 200;

/**
 * The beginning of a dead letter's body. That of an event begins with what somebody looks for, its type, namespace and detail: the
 * envelope that the bus puts it into has it behind 200 characters that are the same for all.
 */
export function excerptOf(body: string): string {
  const whole = eventText(body) ?? body;
  // Through bytes: a slice keeps the text that it is a slice of.
  return Buffer.from(whole.slice(0, EXCERPT_CHARACTERS).toWellFormed()).toString();
}

/** An event's type, namespace and detail; undefined for what has not the form of the bus. */
function eventText(body: string): string | undefined {
  const event = objectOf(body);
  if (typeof event?.['detail-type'] !== 'string' || event['detail'] === undefined) return undefined;
  // As it was written: writing it again runs out of stack where it is nested deep enough, and one letter would hide all others.
  const detail = memberText(body, 'detail') ?? '';
  const namespaceId = objectOf(detail)?.['namespace_id'];
  const isShown = namespaceId !== undefined && (typeof namespaceId !== 'object' || namespaceId === null);
  return `${event['detail-type']}${isShown ? ` in namespace ${JSON.stringify(namespaceId)}` : ''}: ${detail}`;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
