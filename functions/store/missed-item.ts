import type { Missed } from '../domain/webhook.ts';

/** What a webhook missed as an attribute of its item. */
export type MissedAttribute = {
  readonly since_ms: number;
  readonly until_ms?: number | undefined;
  readonly asked?: true | undefined;
};

/** Writes what a webhook missed. */
export function missedAttribute({ sinceMs, untilMs, isAsked }: Missed): MissedAttribute {
  return { since_ms: sinceMs, until_ms: untilMs, asked: isAsked || undefined };
}

/** Reads what a webhook missed. */
export function readMissedAttribute(attribute: MissedAttribute | undefined): Missed | undefined {
  if (attribute === undefined) return undefined;
  const { since_ms: sinceMs, until_ms: untilMs, asked: isAsked } = attribute;
  return { sinceMs, ...(untilMs === undefined ? {} : { untilMs }), ...(isAsked ? { isAsked } : {}) };
}
