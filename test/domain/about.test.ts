import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type About, aboutEvent } from '../../functions/domain/about.ts';
import { EVENT_TYPES, type EventType } from '../../functions/domain/catalogue.ts';
import { SAMPLES } from '../../functions/domain/samples.ts';

const anyType = fc.constantFrom(...EVENT_TYPES);

function about(type: EventType, payload: unknown): About | undefined {
  return aboutEvent(type, Buffer.from(JSON.stringify(payload)));
}

describe('the samples', () => {
  test.each([
    ['build.submitted', 'Build #7 · queued'],
    ['build.started', 'Build #7 · running'],
    ['build.finished', 'Build #7 · passed'],
    ['build.tagged', 'Build #7 · release'],
    ['build.pinned', 'Build #7 · passed'],
    ['build.unpinned', 'Build #7 · passed'],
    ['invite.sent', 'guest, by admin'],
    ['invite.accepted', 'guest'],
    ['invite.rejected', 'guest'],
    ['namespaces', 'demo · created'],
    ['cron', 'Nightly · created'],
    ['images', 'debian/bookworm · created'],
    ['objects', 'fixtures.tar.gz · created'],
    ['variables', 'DEPLOY_TOKEN · created'],
    ['ssh_keys', 'id_deploy · created'],
  ] as const)('%s: %s', (type, text) => {
    const said = about(type, SAMPLES[type]);
    expect(said?.text).toBe(text);
    if (type.startsWith('invite.')) expect(said?.url).toBeUndefined();
    else expect(said?.url).toMatch(/^https:\/\/api\.djinn-ci\.example\/.+/);
  });

  it('have the URL of the entity itself', () => {
    expect(about('build.tagged', SAMPLES['build.tagged'])?.url).toBe(SAMPLES['build.tagged'].build.url);
    expect(about('cron', SAMPLES.cron)?.url).toBe(SAMPLES.cron.cron.url);
  });
});

describe('a build', () => {
  it.each([
    [{ number: 1842, status: 'failed' }, 'Build #1842 · failed'],
    [{ number: 0 }, 'Build #0'],
    [{ number: 3, status: '' }, 'Build #3'],
    [{ number: 3, status: 7 }, 'Build #3'],
  ])('%j: %s', (build, text) => {
    expect(about('build.finished', build)).toEqual({ text, url: undefined });
  });

  it.each([{}, { number: '7' }, { number: 7.5 }, { number: -1 }, { number: 1e300 }, { number: null }])(
    'without a number says nothing: %j',
    (build) => {
      expect(about('build.finished', build)).toBeUndefined();
    },
  );

  it.each([
    [[{ name: 'v2.3.0' }], 'Build #7 · v2.3.0'],
    [[{ name: 'v2.3.0' }, { name: ' latest ' }, 'stable'], 'Build #7 · v2.3.0, latest, stable'],
    [[{ name: 1 }, null, [], {}], 'Build #7'],
    ['v2.3.0', 'Build #7'],
    [Array(9).fill('release-candidate'), 'Build #7 · release-candidate, release-ca…'],
  ])('with the tags %j: %s', (tags, text) => {
    expect(about('build.tagged', { build: { number: 7 }, tags })?.text).toBe(text);
  });
});

describe('a name', () => {
  it('is cut so that what became of it is still seen', () => {
    const said = about('cron', { action: 'updated', cron: { name: 'n'.repeat(1e6) } });
    expect(said?.text).toMatch(/^n{69}… · updated$/);
    expect(said?.text).toHaveLength(80);
  });

  it.each([{ cron: { name: 7 } }, { cron: [] }, { cron: null }, { name: 'x' }, { cron: { name: '\u0000' } }, {}])(
    'that is none says nothing: %j',
    (payload) => {
      expect(about('cron', { action: 'updated', ...payload })).toBeUndefined();
    },
  );

  it('is said without an action, too, and as it is where it is markup', () => {
    expect(about('cron', { cron: { name: '<script>alert(1)</script>' } })?.text).toBe('<script>alert(1)</script>');
    expect(about('cron', { cron: { name: 'a\nb' }, action: '\u202eon' })?.text).toBe('a b · on');
  });

  it('of who invites needs the one of who is invited', () => {
    expect(about('invite.sent', { inviter: { username: 'alice' } })).toBeUndefined();
    expect(about('invite.sent', { invitee: { username: 'bob' }, inviter: {} })?.text).toBe('bob');
    const long = { username: 'u'.repeat(100) };
    expect(about('invite.sent', { invitee: long, inviter: long })?.text).toHaveLength(77);
  });
});

describe('a URL', () => {
  it.each([
    ['https://ci.example/b/1', 'https://ci.example/b/1'],
    ['HTTP://ci.example', 'http://ci.example/'],
    ['https://ci.example/<"\u202e', 'https://ci.example/%3C%22%E2%80%AE'],
  ])('%s is one', (url, href) => {
    expect(about('build.pinned', { number: 1, url })?.url).toBe(href);
  });

  it.each([
    '',
    '/b/1',
    '//ci.example/b/1',
    'https:ci.example',
    'javascript:alert(1)',
    ' https://ci.example',
    'data:text/html,x',
    'https://',
    'https://ci.example@evil.example/',
    'https://:x@evil.example/',
    `https://ci.example/${'x'.repeat(3000)}`,
    7,
    { href: 'https://ci.example' },
  ])('%j is none', (url) => {
    expect(about('build.pinned', { number: 1, url })).toEqual({ text: 'Build #1', url: undefined });
  });
});

describe('whatever a producer sent', () => {
  const isFit = (said: About | undefined) =>
    said === undefined ||
    (said.text.length > 0 && said.text.length <= 80 && said.text.isWellFormed() && !/\p{Cc}/u.test(said.text));

  it('is never thrown for: bytes', () => {
    fc.assert(fc.property(anyType, fc.uint8Array(), (type, bytes) => isFit(aboutEvent(type, bytes))));
    expect(aboutEvent('cron', Buffer.from('[1]'))).toBeUndefined();
    expect(aboutEvent('cron', Buffer.from('null'))).toBeUndefined();
    expect(aboutEvent('cron', new Uint8Array())).toBeUndefined();
  });

  it('is never thrown for: JSON in the place of any field, with strings of any characters', () => {
    const value = fc.oneof(
      fc.jsonValue({ stringUnit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.constant('\ud800'),
    );
    const names = ['build', 'tags', 'cron', 'image', 'object', 'variable', 'key', 'namespace', 'invitee', 'inviter'];
    const entity = fc.dictionary(fc.constantFrom('number', 'status', 'name', 'key', 'path', 'url', 'username'), value);
    const payload = fc.oneof(
      entity,
      fc.dictionary(fc.constantFrom('action', ...names), fc.oneof(value, entity, fc.array(entity))),
    );
    fc.assert(fc.property(anyType, payload, (type, anything) => isFit(about(type, anything))));
  });

  it.each(EVENT_TYPES)('%s: is never thrown for: a megabyte of depth', (type) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"build":', '}'],
    ] as const) {
      const times = Math.floor(1e6 / (open.length + close.length));
      const deep = `${open.repeat(times)}1${close.repeat(times)}`;
      expect(isFit(aboutEvent(type, Buffer.from(deep)))).toBe(true);
      expect(isFit(aboutEvent(type, Buffer.from(`{"number":1,"build":${deep},"cron":${deep}}`)))).toBe(true);
    }
  });
});
