/** What the API answers, as schemas: entities are typed by them, and `openapi.json` is made of them. */
import * as v from 'valibot';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { TimestampSchema } from '../../domain/entities.ts';
import { DEACTIVATED_AFTER_DAYS, MISSED_OFFERED_DAYS } from '../../domain/limits.ts';

/** A schema with a description. */
export function described<S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const text = v.string();
const url = v.string();

/** A refusal that speaks of no field. */
export const MessageSchema = v.strictObject({ message: described(text, 'What is wrong, and what to do.') });

/** What is wrong with a body: the name of each field to the sentences about it. */
export const FieldErrorsSchema = v.record(text, v.array(text));

export const UserSchema = v.strictObject({ email: text, username: text, created_at: TimestampSchema });
export type UserEntity = v.InferOutput<typeof UserSchema>;

const namespaceFields = {
  id,
  user_id: described(id, 'Its owner.'),
  root_id: described(id, 'The topmost ancestor; the namespace itself where it has no parent.'),
  parent_id: v.nullable(id),
  name: text,
  path: described(text, 'The names of all ancestors and its own, joined by slashes.'),
  description: text,
  visibility: v.picklist(['private', 'internal', 'public']),
  created_at: TimestampSchema,
  url,
  builds_url: url,
  namespaces_url: url,
  images_url: url,
  objects_url: url,
  variables_url: url,
  keys_url: url,
  invites_url: url,
  collaborators_url: url,
  webhooks_url: url,
  user: UserSchema,
};

/** A namespace; its URLs but for `url` and `webhooks_url` are the CI's, and not answered here. */
export type NamespaceEntity = v.InferOutput<v.StrictObjectSchema<typeof namespaceFields, undefined>> & {
  parent: NamespaceEntity | null;
  build: null;
};
export const NamespaceSchema: v.GenericSchema<NamespaceEntity> = v.strictObject({
  ...namespaceFields,
  parent: v.nullable(v.lazy(() => NamespaceSchema)),
  build: described(v.null(), 'Builds are not kept by this service.'),
});

const LastResponseSchema = v.strictObject({
  code: v.nullable(described(v.pipe(v.number(), v.integer()), 'The status that the receiver answered.')),
  duration: described(v.pipe(v.number(), v.integer(), v.minValue(0)), 'Nanoseconds.'),
  error: v.nullable(text),
  created_at: TimestampSchema,
});

const DeactivationSchema = v.strictObject({
  reason: described(
    v.picklist(['gone', 'failing']),
    `\`gone\`: the receiver answered 410 Gone. \`failing\`: all attempts have failed for ${DEACTIVATED_AFTER_DAYS} days.`,
  ),
  at: TimestampSchema,
  message: described(text, 'Why, in a sentence.'),
});

const CircuitBreakerSchema = v.strictObject({
  state: described(
    v.picklist(['closed', 'open', 'half_open']),
    '`closed`: all is sent. `open`: the receiver keeps failing, and deliveries are held. `half_open`: one of them is sent as a probe, and its success closes it.',
  ),
  opened_at: v.nullable(TimestampSchema),
  next_probe_at: described(
    v.nullable(TimestampSchema),
    'When the next probe may be made; soon, where that has passed.',
  ),
});

export const WebhookSchema = v.strictObject({
  id,
  author_id: described(
    id,
    "The user who created it. Users' ids are the CI's; one from 1099511627776 on is made up, until an event has said the user's own.",
  ),
  user_id: described(id, 'The owner of the namespace.'),
  namespace_id: id,
  payload_url: url,
  ssl: described(
    v.boolean(),
    "Whether the receiver's certificate must be good. With `false` it still must, unless the deployment lets users do without (`allowInsecureTls`).",
  ),
  has_secret: described(v.boolean(), 'Whether deliveries are signed. The secret itself is never answered.'),
  previous_secret_until: described(
    v.nullable(TimestampSchema),
    'Until when the secret that was replaced last signs `webhook-signature`, too. Null where none was, or it was ended.',
  ),
  events: described(v.array(v.picklist(EVENT_TYPES)), 'The types that it is called for.'),
  active: v.boolean(),
  failing_since: described(
    v.nullable(TimestampSchema),
    'Since when all attempts have failed. Null where the last one has not, or a user has started the webhook over.',
  ),
  deactivation: described(
    v.nullable(DeactivationSchema),
    'Why the service has deactivated it. Null while it is active, and where a user has deactivated it.',
  ),
  missed_since: described(
    v.nullable(TimestampSchema),
    `Since when it may have missed events, of an active webhook that was inactive: \`since\` for a recovery of what was \`missed\`. Null once such a recovery has begun, and ${MISSED_OFFERED_DAYS} days after it was activated.`,
  ),
  paused_until: described(
    v.nullable(TimestampSchema),
    'Until when its deliveries are held, because a user has paused it. Null where none has, and once that time has passed.',
  ),
  circuit_breaker: CircuitBreakerSchema,
  url,
  namespace: NamespaceSchema,
  last_response: described(
    v.nullable(LastResponseSchema),
    'What came of the last attempt that was made of the newest delivery: newest by the time of its event, whichever was attempted last.',
  ),
  created_at: TimestampSchema,
});
export type WebhookEntity = v.InferOutput<typeof WebhookSchema>;
