/**
 * The entities that the payloads are made of. Every object is loose, because producers evolve: a field that is not
 * listed here passes. No schema recurses without a bound, so that no payload, however deep, can exhaust the stack.
 */
import * as v from 'valibot';
import { isRfc3339 } from './timestamp.ts';

/** Levels of namespaces, the root included. */
const NAMESPACE_MAX_LEVELS = 20;

function isPlainObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isTextByName(input: unknown): input is Record<string, string> {
  return isPlainObject(input) && Object.values(input).every((value) => typeof value === 'string');
}

function text(description: string) {
  return v.pipe(v.string(), v.description(description));
}

const integer = v.pipe(v.number(), v.integer());

function int(description: string) {
  return v.pipe(integer, v.description(description));
}

/** A time as text. */
export const TimestampSchema = v.pipe(v.string(), v.check(isRfc3339, 'is no RFC 3339 time'));

/** What happened to an entity. Not a closed list: Djinn CI's server sends `downloaded` for images. */
export const ActionSchema = text('created, updated or deleted; a producer may send another.');

export const UserSchema = v.looseObject({
  email: v.string(),
  username: v.string(),
  created_at: TimestampSchema,
});

const TriggerSchema = v.looseObject({
  type: v.picklist(['manual', 'push', 'pull', 'schedule']),
  comment: text('Why the build was submitted: what its author wrote, or the title of the commit or pull request.'),
  // Its keys are the producer's own, so a complaint names the field and not the key in it.
  data: v.pipe(
    v.custom<Record<string, string>>(isTextByName, 'is no object of strings'),
    v.description('What is known of the commit or pull request that caused the build.'),
  ),
});

const buildFields = {
  id: integer,
  user_id: int('The user who submitted the build.'),
  namespace_id: v.nullable(integer),
  number: int('Counts the builds of the user, from 1.'),
  manifest: text('YAML: the driver, the sources, the stages and the jobs.'),
  status: v.picklist(['queued', 'running', 'passed', 'passed_with_failures', 'failed', 'killed', 'timed_out']),
  output: v.nullable(text('The log of the build; null until there is one.')),
  tags: v.array(v.string()),
  pinned: v.pipe(v.boolean(), v.description('A pinned build is spared when old builds are cleared.')),
  created_at: TimestampSchema,
  started_at: v.nullable(TimestampSchema),
  finished_at: v.nullable(TimestampSchema),
  url: text('The build in the REST API.'),
  objects_url: v.string(),
  variables_url: v.string(),
  jobs_url: v.string(),
  artifacts_url: v.string(),
  tags_url: v.string(),
  user: v.nullable(UserSchema),
  trigger: TriggerSchema,
};

const namespaceFields = {
  id: integer,
  user_id: int('The owner of the namespace.'),
  root_id: int('The topmost ancestor; the namespace itself where it has no parent.'),
  parent_id: v.nullable(integer),
  name: v.string(),
  path: text('The names of all ancestors and its own, joined by slashes.'),
  description: v.string(),
  visibility: v.picklist(['private', 'internal', 'public']),
  created_at: TimestampSchema,
  url: text('The namespace in the REST API.'),
  builds_url: v.string(),
  namespaces_url: text('The child namespaces in the REST API.'),
  images_url: v.string(),
  objects_url: v.string(),
  variables_url: v.string(),
  keys_url: v.string(),
  invites_url: v.string(),
  collaborators_url: v.string(),
  webhooks_url: v.string(),
  user: UserSchema,
  build: v.pipe(
    // That build's own namespace is the one around it, which is checked already: here the circle ends.
    v.nullable(v.looseObject({ ...buildFields, namespace: v.nullable(v.custom(isPlainObject, 'is no object')) })),
    v.description('The latest build of the namespace.'),
  ),
};

type NamespaceFields = typeof namespaceFields & { readonly parent: v.GenericSchema };

function namespaceWithin(levels: number): v.LooseObjectSchema<NamespaceFields, undefined> {
  const parent = levels > 1 ? v.nullable(namespaceWithin(levels - 1)) : v.null('lies deeper than namespaces nest');
  return v.looseObject({ ...namespaceFields, parent });
}

export const NamespaceSchema = namespaceWithin(NAMESPACE_MAX_LEVELS);

export const BuildSchema = v.looseObject({ ...buildFields, namespace: v.nullable(NamespaceSchema) });

/** The one entity that producers send in part: `name` and `url` suffice. */
export const TagSchema = v.looseObject({
  name: v.string(),
  url: text('The tag in the REST API.'),
  user_id: v.optional(int('The user who tagged the build.')),
  build_id: v.optional(integer),
  created_at: v.optional(TimestampSchema),
  user: v.optional(UserSchema),
  build: v.optional(BuildSchema),
});

/** What every entity has that somebody created in a namespace. */
const resourceFields = {
  id: integer,
  author_id: int('The user who created it.'),
  user_id: int('The owner: that of the namespace, else its author.'),
  namespace_id: v.nullable(integer),
  created_at: TimestampSchema,
  url: text('The entity in the REST API.'),
  author: UserSchema,
  user: UserSchema,
  namespace: NamespaceSchema,
};

export const CronSchema = v.looseObject({
  ...resourceFields,
  name: v.string(),
  schedule: v.picklist(['daily', 'weekly', 'monthly']),
  manifest: text('YAML: the manifest of the builds that it submits.'),
  prev_run: v.nullable(TimestampSchema),
  next_run: TimestampSchema,
});

const DownloadSchema = v.looseObject({
  source: text('The URL that the image comes from.'),
  error: v.nullable(v.string()),
  created_at: TimestampSchema,
  started_at: v.nullable(TimestampSchema),
  finished_at: v.nullable(TimestampSchema),
});

export const ImageSchema = v.looseObject({
  ...resourceFields,
  driver: text('The driver that runs it, such as qemu.'),
  name: v.string(),
  download: v.pipe(v.nullable(DownloadSchema), v.description('Null where the image was uploaded.')),
});

export const ObjectSchema = v.looseObject({
  ...resourceFields,
  name: v.string(),
  type: text('The MIME type.'),
  size: int('Bytes.'),
  md5: text('Hexadecimal.'),
  sha256: text('Hexadecimal.'),
  builds_url: text('The builds that use the object, in the REST API.'),
});

export const VariableSchema = v.looseObject({
  ...resourceFields,
  key: v.string(),
  value: text('xxxxxx where the variable is masked.'),
  masked: v.boolean(),
});

export const KeySchema = v.looseObject({
  ...resourceFields,
  name: v.string(),
  config: text('What is added to the SSH configuration of a build that uses the key.'),
  updated_at: TimestampSchema,
});
