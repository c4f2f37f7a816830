import { describe, expect, it } from 'vitest';
import { CATALOGUE, type EventType, offCatalogue } from '../../functions/domain/catalogue.ts';

type Json = Record<string, unknown>;
type Path = readonly string[];

function sampleOf(type: EventType): Json {
  return structuredClone(CATALOGUE[type].sample);
}

function at(root: unknown, path: Path): Json {
  return path.reduce<Json>((node, key) => node[key] as Json, root as Json);
}

function withField(type: EventType, path: Path, value: unknown): Json {
  const sample = sampleOf(type);
  at(sample, path.slice(0, -1))[path.at(-1) ?? ''] = value;
  return sample;
}

function withoutField(type: EventType, path: Path): Json {
  const sample = sampleOf(type);
  delete at(sample, path.slice(0, -1))[path.at(-1) ?? ''];
  return sample;
}

const RESOURCE = 'id author_id user_id namespace_id? created_at url author user namespace';

/** The contract's entities and payloads: where a sample holds one, and its fields (`?` is nullable, `*` may be absent). */
const DOCUMENTED: readonly (readonly [name: string, type: EventType, path: string, fields: string])[] = [
  ['User', 'invite.sent', 'inviter', 'email username created_at'],
  [
    'Namespace',
    'namespaces',
    'namespace',
    'id user_id root_id parent_id? name path description visibility created_at url builds_url namespaces_url images_url objects_url variables_url keys_url invites_url collaborators_url webhooks_url user parent? build?',
  ],
  [
    'Build',
    'build.submitted',
    '',
    'id user_id namespace_id? number manifest status output? tags pinned created_at started_at? finished_at? url objects_url variables_url jobs_url artifacts_url tags_url user? namespace? trigger',
  ],
  ['Trigger', 'build.submitted', 'trigger', 'type comment data'],
  ['Tag', 'build.tagged', 'tags.0', 'user_id* build_id* name created_at* url user* build*'],
  ['Cron', 'cron', 'cron', `${RESOURCE} name schedule manifest prev_run? next_run`],
  ['Image', 'images', 'image', `${RESOURCE} driver name download?`],
  ['download', 'images', 'image.download', 'source error? created_at started_at? finished_at?'],
  ['Object', 'objects', 'object', `${RESOURCE} name type size md5 sha256 builds_url`],
  ['Variable', 'variables', 'variable', `${RESOURCE} key value masked`],
  ['Key', 'ssh_keys', 'key', `${RESOURCE} name config updated_at`],
  ['a tagged build', 'build.tagged', '', 'build tags url user'],
  ['an invite', 'invite.sent', '', 'invitee inviter namespace'],
  ['an accepted invite', 'invite.accepted', '', 'invitee namespace'],
  ['a rejected invite', 'invite.rejected', '', 'invitee namespace'],
  ['a namespace event', 'namespaces', '', 'action namespace'],
  ['a cron event', 'cron', '', 'action cron'],
  ['an image event', 'images', '', 'action image'],
  ['an object event', 'objects', '', 'action object'],
  ['a variable event', 'variables', '', 'action variable'],
  ['a key event', 'ssh_keys', '', 'action key'],
];

const FIELDS = DOCUMENTED.flatMap(([, type, path, fields]) =>
  fields.split(' ').map((field) => ({
    type,
    path: [...path.split('.').filter(Boolean), field.replace(/[?*]$/, '')],
    isNullable: field.endsWith('?'),
    isRequired: !field.endsWith('*'),
  })),
);

describe('an entity in a sample', () => {
  it.each(DOCUMENTED)('%s has exactly the documented fields (%s, at "%s")', (_name, type, path, fields) => {
    const found = at(sampleOf(type), path.split('.').filter(Boolean));
    expect(Object.keys(found).sort()).toEqual(fields.replace(/[?*]/g, '').split(' ').sort());
  });
});

describe('a payload that lacks a field', () => {
  it.each(FIELDS.filter((field) => field.isRequired))('$type without $path is off-catalogue', ({ type, path }) => {
    expect(offCatalogue(type, withoutField(type, path))).toBe(`${path.join('.')} is missing.`);
  });

  it('may hold tags of a name and a URL only', () => {
    const tags = [{ name: 'release', url: 'https://api.djinn-ci.example/b/admin/7/tags/2' }];
    expect(offCatalogue('build.tagged', { ...sampleOf('build.tagged'), tags })).toBeUndefined();
  });
});

describe('a field of another kind', () => {
  it.each(FIELDS.filter((field) => field.isNullable))('$type may hold null as $path', ({ type, path }) => {
    expect(offCatalogue(type, withField(type, path, null))).toBeUndefined();
  });

  it.each(FIELDS.filter((field) => !field.isNullable))('$type must not hold null as $path', ({ type, path }) => {
    expect(offCatalogue(type, withField(type, path, null))).toMatch(`${path.join('.')} is no`);
  });

  it.each([
    ['build.submitted', 'status', 'done'],
    ['build.submitted', 'trigger.type', 'manually'],
    ['build.submitted', 'trigger.data', ['main']],
    ['build.submitted', 'trigger.data', { s3cr3t: 1 }],
    ['build.submitted', 'number', 1.5],
    ['build.submitted', 'namespace.build', 's3cr3t'],
    ['build.started', 'started_at', null],
    ['build.finished', 'finished_at', null],
    ['cron', 'cron.schedule', 'hourly'],
    ['namespaces', 'namespace.visibility', 'secret'],
  ] as const)('%s: %s cannot be %j', (type, path, value) => {
    const complaint = offCatalogue(type, withField(type, path.split('.'), value));
    expect(complaint).toMatch(new RegExp(`^${path} is no[a-z ]+\\.$`));
  });
});

describe('a time', () => {
  it.each([
    '2026-03-09T14:05:12Z',
    '2026-03-09T14:05:12.123456789+05:30',
    '2024-02-29t23:59:60z',
    '0001-01-01T00:00:00Z',
  ])('%s is a time', (time) => {
    expect(offCatalogue('build.submitted', withField('build.submitted', ['created_at'], time))).toBeUndefined();
  });

  it.each([
    '',
    '2026-03-09',
    '2026-03-09T14:05:12',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-09T24:00:00Z',
    '2026-03-09T14:05:12.Z',
    '2026-03-09T14:05:12+0530',
    'x2026-03-09T14:05:12Z',
    '2026-03-09T14:05:12Z\n',
  ])('%j is no time', (time) => {
    const complaint = offCatalogue('build.submitted', withField('build.submitted', ['created_at'], time));
    expect(complaint).toBe('created_at is no RFC 3339 time.');
  });
});
