/** The event types that a webhook can subscribe to, and what the payload of each looks like. */
import * as v from 'valibot';
import {
  ActionSchema,
  BuildSchema,
  CronSchema,
  ImageSchema,
  KeySchema,
  NamespaceSchema,
  ObjectSchema,
  TagSchema,
  TimestampSchema,
  UserSchema,
  VariableSchema,
} from './entities.ts';
import { SAMPLES } from './samples.ts';

/** Every event type, in the order in which they are documented and shown. */
export const EVENT_TYPES = [
  'build.submitted',
  'build.started',
  'build.finished',
  'build.tagged',
  'build.pinned',
  'build.unpinned',
  'invite.sent',
  'invite.accepted',
  'invite.rejected',
  'namespaces',
  'cron',
  'images',
  'objects',
  'variables',
  'ssh_keys',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Whether the text names an event type; exact, case included. */
export function isEventType(text: string): text is EventType {
  return (EVENT_TYPES as readonly string[]).includes(text);
}

export type CatalogueEntry = {
  readonly type: EventType;
  readonly description: string;
  readonly schema: v.GenericSchema;
  readonly sample: Readonly<Record<string, unknown>>;
};

function entry(type: EventType, description: string, schema: v.GenericSchema): CatalogueEntry {
  return { type, description, schema, sample: SAMPLES[type] };
}

const StartedBuildSchema = v.looseObject({ ...BuildSchema.entries, started_at: TimestampSchema });
const FinishedBuildSchema = v.looseObject({ ...BuildSchema.entries, finished_at: TimestampSchema });
const TaggedSchema = v.looseObject({
  build: BuildSchema,
  tags: v.array(TagSchema),
  url: v.pipe(v.string(), v.description("The build's tags in the REST API.")),
  user: v.pipe(UserSchema, v.description('Who tagged the build.')),
});
const AnswerSchema = v.looseObject({ invitee: UserSchema, namespace: NamespaceSchema });
const InviteSchema = v.looseObject({ ...AnswerSchema.entries, inviter: UserSchema });

/** What is documented of each event type. */
export const CATALOGUE: Readonly<Record<EventType, CatalogueEntry>> = {
  'build.submitted': entry('build.submitted', 'Someone or something queued a build. Holds the build.', BuildSchema),
  'build.started': entry(
    'build.started',
    'A build left the queue and began to run. Holds the build, with the time it started.',
    StartedBuildSchema,
  ),
  'build.finished': entry(
    'build.finished',
    'A build came to an end, whether it passed or not. Holds the build, with its output and the time it finished.',
    FinishedBuildSchema,
  ),
  'build.tagged': entry(
    'build.tagged',
    'Tags were put on a build after its submission. Holds the build, the tags and the user who added them.',
    TaggedSchema,
  ),
  'build.pinned': entry('build.pinned', 'A build was pinned, so that it is kept. Holds the build.', BuildSchema),
  'build.unpinned': entry('build.unpinned', 'The pin was taken off a build. Holds the build.', BuildSchema),
  'invite.sent': entry(
    'invite.sent',
    'A user was invited to collaborate. Holds the namespace, who was invited and who invited them.',
    InviteSchema,
  ),
  'invite.accepted': entry(
    'invite.accepted',
    'An invited user became a collaborator. Holds the namespace and that user.',
    AnswerSchema,
  ),
  'invite.rejected': entry(
    'invite.rejected',
    'An invited user declined. Holds the namespace and that user.',
    AnswerSchema,
  ),
  namespaces: entry(
    'namespaces',
    'The namespace was created, changed or deleted. Holds the action and the namespace.',
    v.looseObject({ action: ActionSchema, namespace: NamespaceSchema }),
  ),
  cron: entry(
    'cron',
    'A cron job of the namespace was created, changed or deleted. Holds the action and the cron job.',
    v.looseObject({ action: ActionSchema, cron: CronSchema }),
  ),
  images: entry(
    'images',
    'An image of the namespace was created or deleted. Holds the action and the image.',
    v.looseObject({ action: ActionSchema, image: ImageSchema }),
  ),
  objects: entry(
    'objects',
    'An object of the namespace was created or deleted. Holds the action and the object, without its content.',
    v.looseObject({ action: ActionSchema, object: ObjectSchema }),
  ),
  variables: entry(
    'variables',
    'A variable of the namespace was created or deleted. Holds the action and the variable, its value unless masked.',
    v.looseObject({ action: ActionSchema, variable: VariableSchema }),
  ),
  ssh_keys: entry(
    'ssh_keys',
    'An SSH key of the namespace was created, changed or deleted. Holds the action and the key, without its secret part.',
    v.looseObject({ action: ActionSchema, key: KeySchema }),
  ),
};

/** Characters of the path in a complaint; with the longest wording, the sentence stays under 200. */
const PATH_MAX_CHARACTERS = 160;

const COMPLAINTS: Readonly<Record<string, string>> = {
  string: 'is no string',
  number: 'is no number',
  integer: 'is no whole number',
  boolean: 'is no boolean',
  array: 'is no array',
  loose_object: 'is no object',
  picklist: 'is none of the documented values',
};

// Valibot's own wording quotes the value, which may be a secret.
function complaint(issue: v.BaseIssue<unknown>): string {
  const isMissing = issue.path?.at(-1)?.origin === 'key';
  return isMissing ? 'is missing' : (COMPLAINTS[issue.type] ?? 'is not as documented');
}

/**
 * Says where a payload departs from what is documented of its type: one sentence of at most 200 characters that names
 * the first field that does not fit, never its value. Undefined where all of it fits. Never throws for JSON.
 */
export function offCatalogue(type: EventType, payload: unknown): string | undefined {
  const { issues } = v.safeParse(CATALOGUE[type].schema, payload, { abortEarly: true, message: complaint });
  if (!issues) return undefined;
  const path = v.getDotPath(issues[0]) ?? 'The payload';
  // Only nested parents make a long path, and its end is what tells one field from another.
  const field = path.length > PATH_MAX_CHARACTERS ? `…${path.slice(1 - PATH_MAX_CHARACTERS)}` : path;
  return `${field} ${issues[0].message}.`;
}
