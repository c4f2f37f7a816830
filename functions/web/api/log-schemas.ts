/** What the API answers of events and deliveries, as schemas. */
import * as v from 'valibot';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { ATTEMPT_ERROR_CLASSES, DELIVERY_STATUSES, HOLD_REASONS } from '../../domain/delivery.ts';
import { TimestampSchema } from '../../domain/entities.ts';
import { ATTEMPTS_SHOWN_MAX, REPLY_KEPT_MAX_BYTES } from '../../domain/limits.ts';
import { RECOVERABLE } from '../../domain/recovery.ts';
import { ConnectionEntries } from './connection.ts';
import { described } from './schemas.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const uuid = v.pipe(v.string(), v.uuid());
const type = v.picklist(EVENT_TYPES);
const status = v.picklist(DELIVERY_STATUSES);
const headers = described(v.array(v.strictTuple([v.string(), v.string()])), 'Names and values; a name may come twice.');
const nextAttemptAt = described(v.nullable(TimestampSchema), 'When the next attempt is due, where there will be one.');

const ErrorSchema = v.strictObject({
  class: described(v.picklist(ATTEMPT_ERROR_CLASSES), 'What went wrong, for machines.'),
  message: described(v.string(), 'What went wrong, in words.'),
});

const HoldSchema = v.strictObject({
  reason: described(
    v.picklist(HOLD_REASONS),
    '`paused`: a user has paused the webhook. `circuit_open`: its receiver keeps failing. `busy`: its receiver has many unanswered requests. `unsigned`: its secret cannot be opened for now.',
  ),
  message: described(v.string(), 'Why, in words.'),
  since: TimestampSchema,
});

const AttemptSchema = v.strictObject({
  number: described(id, 'Counts the attempts of the delivery, from 1.'),
  status: described(status, 'Where the delivery stood after this attempt.'),
  redelivery: v.boolean(),
  started_at: TimestampSchema,
  duration_ms: count,
  request: v.nullable(v.strictObject({ url: v.string(), headers })),
  response: v.nullable(
    v.strictObject({
      status: v.pipe(v.number(), v.integer()),
      headers,
      body: described(v.string(), `The first ${REPLY_KEPT_MAX_BYTES / 1024} KB, as text.`),
      truncated: v.boolean(),
    }),
  ),
  error: v.nullable(ErrorSchema),
  ...ConnectionEntries,
  next_attempt_at: nextAttemptAt,
});
export type AttemptEntity = v.InferOutput<typeof AttemptSchema>;

export const DeliverySummarySchema = v.strictObject({
  id: described(uuid, 'The same for every attempt, and what `X-Djinn-CI-Delivery` says.'),
  event: v.strictObject({ id: uuid, type, created_at: TimestampSchema }),
  webhook_id: id,
  status,
  redelivery: described(v.boolean(), 'Whether its last attempt was asked for, or follows one that was.'),
  test: described(v.boolean(), 'Whether it is a ping, whose event never happened.'),
  attempts_made: count,
  response_status: described(v.nullable(v.pipe(v.number(), v.integer())), 'Of the last attempt.'),
  error: described(v.nullable(ErrorSchema), 'Of the last attempt.'),
  held: described(
    v.nullable(HoldSchema),
    'Why it is held, where it is: then the next attempt is made once its webhook sends again.',
  ),
  started_at: described(v.nullable(TimestampSchema), 'When the last attempt began; null before the first one.'),
  duration_ms: described(v.nullable(count), 'Of the last attempt.'),
  next_attempt_at: nextAttemptAt,
  url: v.string(),
});
export type DeliverySummaryEntity = v.InferOutput<typeof DeliverySummarySchema>;

export const DeliverySchema = v.strictObject({
  ...DeliverySummarySchema.entries,
  payload: described(v.nullable(v.string()), 'What every attempt sent, as text; null where it is no longer kept.'),
  attempts: described(
    v.array(AttemptSchema),
    `First to last; of a delivery that was redelivered many times the newest ${ATTEMPTS_SHOWN_MAX}, or as many of these as 6 MB have room for.`,
  ),
});
export type DeliveryEntity = v.InferOutput<typeof DeliverySchema>;

/** Where to look for a delivery that has been asked for. */
export const DeliveryReferenceSchema = v.strictObject({ id: uuid, url: v.string() });

export const EventSummarySchema = v.strictObject({
  id: uuid,
  type,
  created_at: TimestampSchema,
  received_at: TimestampSchema,
  payload_bytes: count,
  off_catalogue: described(v.nullable(v.string()), 'The first field of the payload that is not as documented.'),
  test: described(v.boolean(), 'Whether it is that of a ping.'),
  url: v.string(),
});
export type EventSummaryEntity = v.InferOutput<typeof EventSummarySchema>;

/** An event that has been sent. */
export const EventReferenceSchema = v.strictObject({
  id: uuid,
  type,
  namespace_id: v.nullable(count),
  created_at: TimestampSchema,
  url: described(v.nullable(v.string()), 'Where the event will be, where its namespace is known.'),
});

export const VerdictSchema = v.strictObject({
  webhook_id: id,
  webhook_url: v.string(),
  verdict: described(
    v.picklist([...DELIVERY_STATUSES, 'queued', 'expired', 'inactive', 'not_subscribed']),
    'Where the delivery stands, or why there is none. `expired`: its attempts are no longer kept. `inactive`: the webhook was, and what it missed has not been recovered.',
  ),
  delivery: v.nullable(DeliveryReferenceSchema),
});
export type VerdictEntity = v.InferOutput<typeof VerdictSchema>;

export const EventSchema = v.strictObject({
  ...EventSummarySchema.entries,
  payload: described(v.nullable(v.string()), 'As its producer wrote it, as text.'),
  verdicts: described(v.array(VerdictSchema), 'On every webhook that the namespace had when the event came.'),
});

export const EventTypeSchema = v.strictObject({
  type,
  description: v.string(),
  schema: described(v.looseObject({}), 'JSON Schema, draft 2020-12, of its payload.'),
  sample: described(v.looseObject({}), 'A payload as a small CI server would send it.'),
});

export const RecoverySchema = v.strictObject({
  id: uuid,
  webhook_id: id,
  status: v.picklist(['running', 'finished', 'cancelled']),
  filter: v.strictObject({ since: TimestampSchema, until: TimestampSchema, status: v.picklist(RECOVERABLE) }),
  deliveries_read: described(count, 'How many deliveries it has looked at.'),
  deliveries_redelivered: described(
    count,
    'How many of them it has made again or, where they were missed, for the first time.',
  ),
  progress: described(
    v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    'How much of its stretch of time is done, from 0 to 1.',
  ),
  reason: described(v.nullable(v.string()), 'Why it was cancelled, where no user did it.'),
  created_at: TimestampSchema,
  updated_at: TimestampSchema,
  finished_at: v.nullable(TimestampSchema),
  url: v.string(),
});
export type RecoveryEntity = v.InferOutput<typeof RecoverySchema>;
