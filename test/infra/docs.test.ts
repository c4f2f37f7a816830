import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonSchema } from '@valibot/to-json-schema';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, EVENT_TYPES, type EventType } from '../../functions/domain/catalogue.ts';
import { eventsDocument } from '../../infra/docs/events.ts';
import { fieldTable } from '../../infra/docs/fields.ts';

const document = eventsDocument();
const headings = [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function sectionOf(heading: string): string {
  return document.split(`### ${heading}\n`)[1]?.split('\n## ')[0]?.split('\n### ')[0] ?? '';
}

function rowsOf(section: string): readonly string[] {
  return [...section.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, field = '']) => field);
}

describe('docs/events.md', () => {
  it('is what the catalogue says', () => {
    const written = readFileSync('docs/events.md', 'utf8');
    expect(written === document, 'docs/events.md is stale: `npm run docs` writes it anew').toBe(true);
  });

  it.each(EVENT_TYPES)('%s: has its description and its whole sample', (type) => {
    const section = sectionOf(`\`${type}\``);
    expect(section).toContain(CATALOGUE[type].description);
    expect(JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '')).toEqual(CATALOGUE[type].sample);
  });

  it('has every type and every entity once, in order', () => {
    const entities = ['User', 'Namespace', 'Build', 'Tag', 'Cron', 'Image', 'Object', 'Variable', 'Key'];
    expect(headings).toEqual([
      'Events',
      'A delivery',
      'What may differ from this page',
      'Event types',
      ...EVENT_TYPES.map((type) => `\`${type}\``),
      'Entities',
      ...entities.map((name) => `${name} entity`),
    ]);
  });

  it('has no link to nowhere within it', () => {
    const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(40);
    const anchors = headings.map(anchorOf);
    expect(new Set(anchors).size).toBe(anchors.length);
    expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([]);
  });

  it.each([
    ['invite.sent', ['invitee', 'namespace', 'inviter']],
    ['build.tagged', ['build', 'tags', 'url', 'user']],
    ['build.pinned', []],
    ['build.started', ['started_at']],
    ['build.finished', ['finished_at']],
    ['ssh_keys', ['action', 'key']],
  ] as const satisfies readonly (readonly [EventType, readonly string[]])[])('%s: has the rows %j', (type, fields) => {
    expect(rowsOf(sectionOf(`\`${type}\``))).toEqual(fields);
  });

  it('has the fields of an object in an entity by their dotted names', () => {
    expect(rowsOf(sectionOf('Build entity'))).toEqual([
      ...Object.keys(CATALOGUE['build.submitted'].sample).filter((field) => !['namespace', 'trigger'].includes(field)),
      ...['trigger', 'trigger.type', 'trigger.comment', 'trigger.data', 'namespace'],
    ]);
    expect(sectionOf('Image entity')).toContain('| `download.error` | string | yes |  |');
    expect(sectionOf('Tag entity')).toContain('| `build_id` | integer | no | May be missing. |');
  });

  it('has an example whose signatures are right', () => {
    const [, body = '', secret = ''] = /whose body is `(.+)` and whose secret is `(.+)`:/.exec(document) ?? [];
    const header = (name: string) => new RegExp(`^\\| \`${name}\` .*\`(.+)\` \\|$`, 'm').exec(document)?.[1];
    const mac = (text: string) => createHmac('sha256', secret).update(text);
    expect(header('X-Djinn-CI-Signature')).toBe(`sha256=${mac(body).digest('hex')}`);
    const signed = `${header('webhook-id')}.${header('webhook-timestamp')}.${body}`;
    expect(header('webhook-signature')).toBe(`v1,${mac(signed).digest('base64')}`);
  });
});

describe('a table of fields', () => {
  it('keeps a bar within its cell', () => {
    const table = fieldTable({ properties: { a: { type: 'string', description: 'x|y' } }, required: ['a'] });
    expect(table.split('\n').at(-1)).toBe('| `a` | string | no | x\\|y |');
  });

  it.each([{}, { const: 1 }, { anyOf: [{ type: 'integer' }, { type: 'string' }] }] satisfies JsonSchema[])(
    'fails where there are no words for %j',
    (schema: JsonSchema) => {
      expect(() => fieldTable({ properties: { a: schema } })).toThrow('There are no words for');
    },
  );
});
