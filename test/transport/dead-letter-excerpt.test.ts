import { describe, expect, it } from 'vitest';
import { excerptOf } from '../../functions/transport/dead-letter-excerpt.ts';

const event = (detail: unknown) =>
  JSON.stringify({
    version: '0',
    id: 'a3a1a5b8-6a7c-4f7f-9a51-2f7b0f6b5f5e',
    'detail-type': 'push',
    source: 'djinn-ci',
    account: '000000000000',
    time: '2026-11-23T12:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail,
  });

describe('the excerpt of a dead letter', () => {
  it("begins with an event's type and namespace, and has its detail", () => {
    expect(excerptOf(event({ payload: { id: 7 }, namespace_id: 3 }))).toBe(
      'push in namespace 3: {"payload":{"id":7},"namespace_id":3}',
    );
    expect(excerptOf(event({ namespace_id: 'x'.repeat(500) }))).toMatch(/^push in namespace "x+$/);
  });

  it.each([
    ['has no namespace', { events: [] }, 'push: {"events":[]}'],
    ['is no object', null, 'push: null'],
    ['is a list', [1], 'push: [1]'],
  ])('has the detail as it is where that %s', (_, detail, text) => {
    expect(excerptOf(event(detail))).toBe(text);
  });

  it.each(['no JSON', '{"a":1}', '[]', 'null', '7', '', event(undefined)])(
    'is the beginning of anything else: %s',
    (body) => {
      expect(excerptOf(body)).toBe(body.slice(0, 200));
    },
  );

  it('is that of any event, however deep its detail is', () => {
    const deep = `{"namespace_id":1,"payload":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(excerptOf(event('DETAIL').replace('"DETAIL"', deep))).toMatch(
      /^push in namespace 1: \{"namespace_id":1,"payload":\[+$/,
    );
    const id = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(excerptOf(event('DETAIL').replace('"DETAIL"', `{"namespace_id":${id}}`))).toMatch(
      /^push: \{"namespace_id":\[+$/,
    );
  });

  it('is short, and cuts no character in two', () => {
    expect(excerptOf('x'.repeat(5_000))).toHaveLength(200);
    expect(excerptOf(`${'x'.repeat(199)}😀`)).toBe(`${'x'.repeat(199)}�`);
  });
});
