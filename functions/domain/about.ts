import type { EventType } from './catalogue.ts';
import { PAYLOAD_URL_MAX_CHARACTERS } from './limits.ts';
import { oneLine } from './one-line.ts';

/** What an event is about: one line of text, and the absolute http(s) URL that its entity names as its own, where it names one. */
export type About = { readonly text: string; readonly url?: string | undefined };

type JsonObject = Readonly<Record<string, unknown>>;

/** What a payload says: what it is about, what became of that, and the entity that has the URL. */
type Said = {
  readonly subject: string | undefined;
  readonly predicate?: string | undefined;
  readonly entity?: JsonObject | undefined;
};

/** Characters of the whole line, and those of what stands behind its dot: a status, an action or the names of tags. */
const TEXT_MAX_CHARACTERS = 80;
const PREDICATE_MAX_CHARACTERS = 30;
/** Characters of a name within an invite's line: there are two of them. */
const USERNAME_MAX_CHARACTERS = 36;
/** More names of tags than these are not looked at. */
const TAGS_MAX = 10;

const READERS: Readonly<Record<EventType, (payload: JsonObject) => Said>> = {
  'build.submitted': build,
  'build.started': build,
  'build.finished': build,
  'build.tagged': (payload) => ({ ...build(member(payload, 'build')), predicate: tags(payload) }),
  'build.pinned': build,
  'build.unpinned': build,
  'invite.sent': invite,
  'invite.accepted': invite,
  'invite.rejected': invite,
  namespaces: (payload) => resource(payload, 'namespace', 'path'),
  cron: (payload) => resource(payload, 'cron', 'name'),
  images: (payload) => resource(payload, 'image', 'name'),
  objects: (payload) => resource(payload, 'object', 'name'),
  variables: (payload) => resource(payload, 'variable', 'key'),
  ssh_keys: (payload) => resource(payload, 'key', 'name'),
};

/**
 * What an event is about, for one line of a log: `Build #1842 · failed`, `nightly · updated`, `bob, by alice`. The payload is whatever
 * its producer sent: undefined where nothing can be said of it. Never throws. The text is at most 80 characters on one line.
 */
export function aboutEvent(type: EventType, payload: Uint8Array): About | undefined {
  const parsed = parseObject(payload);
  if (parsed === undefined) return undefined;
  const { subject, predicate, entity } = READERS[type](parsed);
  const text = sentence(subject, predicate);
  return text === undefined ? undefined : { text, url: ownUrl(entity) };
}

function sentence(subject: string | undefined, predicate: string | undefined): string | undefined {
  if (subject === undefined) return undefined;
  const [before, after] = [oneLine(subject, TEXT_MAX_CHARACTERS), oneLine(predicate ?? '', PREDICATE_MAX_CHARACTERS)];
  if (before === undefined || after === undefined) return before;
  const behind = ` · ${after}`;
  return `${oneLine(subject, TEXT_MAX_CHARACTERS - behind.length)}${behind}`;
}

function build(entity: JsonObject): Said {
  const number = entity['number'];
  const isCounted = typeof number === 'number' && Number.isSafeInteger(number) && number >= 0;
  return { subject: isCounted ? `Build #${number}` : undefined, predicate: text(entity, 'status'), entity };
}

/** The names of tags: a producer may send them as objects, or as the names that a build has. */
function tags(payload: JsonObject): string | undefined {
  const given = payload['tags'];
  if (!Array.isArray(given)) return undefined;
  const names = given.slice(0, TAGS_MAX).map((tag: unknown) => (isObject(tag) ? tag['name'] : tag));
  return names
    .flatMap((name) => (typeof name === 'string' ? (oneLine(name, PREDICATE_MAX_CHARACTERS) ?? []) : []))
    .join(', ');
}

function invite(payload: JsonObject): Said {
  const [invitee, inviter] = ['invitee', 'inviter'].map((role) =>
    oneLine(text(member(payload, role), 'username') ?? '', USERNAME_MAX_CHARACTERS),
  );
  return { subject: invitee && inviter ? `${invitee}, by ${inviter}` : invitee };
}

function resource(payload: JsonObject, name: string, naming: 'name' | 'key' | 'path'): Said {
  const entity = member(payload, name);
  return { subject: text(entity, naming), predicate: text(payload, 'action'), entity };
}

function ownUrl(entity: JsonObject | undefined): string | undefined {
  const url = entity && text(entity, 'url');
  if (url === undefined || url.length > PAYLOAD_URL_MAX_CHARACTERS || !/^https?:\/\//i.test(url)) return undefined;
  const parsed = URL.parse(url);
  // A user name before the host is there to make it look like another host.
  return parsed === null || parsed.username !== '' || parsed.password !== '' ? undefined : parsed.href;
}

function text(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}

function member(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
