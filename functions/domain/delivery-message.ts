import * as v from 'valibot';
import { EVENT_TYPES } from './catalogue.ts';
import { type AttemptKey, isRedelivery } from './delivery.ts';
import { isUuid } from './id.ts';

const messageSchema = v.object({
  v: v.literal(1),
  delivery: v.pipe(v.string(), v.check(isUuid)),
  webhook: v.pipe(v.number(), v.safeInteger()),
  namespace: v.pipe(v.number(), v.safeInteger()),
  event: v.pipe(v.string(), v.check(isUuid)),
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  type: v.picklist(EVENT_TYPES),
  attempt: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Absent for 1, which is nearly always. */
  first_of_run: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  test: v.optional(v.literal(true)),
  probe: v.optional(v.literal(true)),
  released: v.optional(v.literal(true)),
});

/** Writes a message of the deliveries queue. */
export function writeMessage(key: AttemptKey): string {
  const message: v.InferOutput<typeof messageSchema> = {
    v: 1,
    delivery: key.deliveryId,
    webhook: key.webhookId,
    namespace: key.namespaceId,
    event: key.eventId,
    created_at: key.eventCreatedAt,
    type: key.eventType,
    attempt: key.number,
    ...(isRedelivery(key) ? { first_of_run: key.firstOfRun } : {}),
    ...(key.isTest ? { test: true } : {}),
    ...(key.isProbe ? { probe: true } : {}),
    ...(key.isReleased ? { released: true } : {}),
  };
  return JSON.stringify(message);
}

/** Reads a message of the deliveries queue; undefined for what is none. */
export function readMessage(body: string): AttemptKey | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), messageSchema), body);
  if (!read.success) return undefined;
  const {
    delivery,
    webhook,
    namespace,
    event,
    created_at,
    type,
    attempt,
    first_of_run = 1,
    test,
    probe,
    released,
  } = read.output;
  return {
    deliveryId: delivery,
    webhookId: webhook,
    namespaceId: namespace,
    eventId: event,
    eventCreatedAt: created_at,
    eventType: type,
    number: attempt,
    firstOfRun: first_of_run,
    ...(test ? { isTest: true } : {}),
    ...(probe ? { isProbe: true } : {}),
    ...(released ? { isReleased: true } : {}),
  };
}
