import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { deliveryRequest } from '../../functions/domain/request.ts';
import { standardSignature } from '../../functions/domain/signature.ts';
import { judgeSignature, type SignatureCase } from '../../functions/domain/signature-check.ts';

const ID = '019cd310-b459-7d02-b0fa-9bbc2a5a20c9';
const SENT_MS = Date.parse('2026-11-23T12:00:00Z');
const TIMESTAMP = `${SENT_MS / 1000}`;
const BODY = Buffer.from('{"id": 1, "url":"https://ci.example/b/1", "name":"é <b>"}\n');
const SECRET = 'correct horse';

type Differences = { readonly body?: Buffer; readonly secrets?: readonly string[] } & Partial<
  Pick<SignatureCase, 'present' | 'previous'>
>;

/** An attempt that was signed with some secrets, of a webhook that has these now: the same, unless it is said otherwise. */
function caseOf({ body = BODY, secrets = [SECRET], ...now }: Differences = {}): SignatureCase {
  const request = deliveryRequest({
    webhook: { id: 1, payloadUrl: 'https://hooks.example/' },
    eventType: 'cron',
    deliveryId: ID,
    body,
    secrets,
    nowMs: SENT_MS,
  });
  const header = (name: string) => request.headers.find(([key]) => key === name)?.[1] ?? '';
  const sent = { djinn: header('X-Djinn-CI-Signature'), standard: header('webhook-signature') };
  return {
    body,
    id: ID,
    timestamp: TIMESTAMP,
    sent: secrets.length === 0 ? undefined : sent,
    present: secrets[0],
    previous: secrets[1],
    ...now,
  };
}

function judge(pasted: string, differences: Differences = {}) {
  const { kind, findings, isSecretChanged } = judgeSignature(pasted, caseOf(differences));
  return { kind, names: findings.map(({ name }) => name), findings, isSecretChanged };
}

const hmac = (key: string | Buffer, ...parts: (string | Buffer)[]) => {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
};
const djinn = (mac: Buffer) => `sha256=${mac.toString('hex')}`;
const v1 = (mac: Buffer) => `v1,${mac.toString('base64')}`;
const standardHead = `${ID}.${TIMESTAMP}.`;
const RIGHT = hmac(SECRET, BODY);
const RIGHT_STANDARD = hmac(SECRET, standardHead, BODY);

describe('what is right', () => {
  it.each([
    [djinn(RIGHT), 'right_djinn'],
    [`X-Djinn-CI-Signature: ${djinn(RIGHT)}`, 'right_djinn'],
    [`sha256= ${RIGHT.toString('hex')}`, 'right_djinn'],
    [v1(RIGHT_STANDARD), 'right_standard'],
    [`v1,AAAA ${v1(RIGHT_STANDARD)}`, 'right_standard'],
  ])('%s', (pasted, name) => {
    expect(judge(pasted)).toMatchObject({ kind: 'right', names: [name], isSecretChanged: false });
  });

  it('is each of the two that sign while a secret is replaced', () => {
    const content = { deliveryId: ID, timestampSeconds: SENT_MS / 1000, body: BODY };
    for (const secret of ['new one', 'old one']) {
      const pasted = standardSignature(secret, content);
      expect(judge(pasted, { secrets: ['new one', 'old one'] })).toMatchObject({ kind: 'right' });
    }
  });
});

describe('a mistake of form', () => {
  it.each([
    [RIGHT.toString('hex'), ['no_prefix']],
    [`sha256=${RIGHT.toString('hex').toUpperCase()}`, ['upper_case']],
    [`SHA256=${RIGHT.toString('hex')}`, ['wrong_prefix']],
    [RIGHT.toString('base64'), ['base64', 'no_prefix']],
    [`sha256=${RIGHT.toString('base64url')}`, ['base64']],
    [Buffer.from(RIGHT.toString('hex')).toString('base64'), ['encoded_twice', 'no_prefix']],
    [v1(RIGHT), ['body_alone']],
    [RIGHT_STANDARD.toString('base64'), ['no_v1']],
    [`sha256=${RIGHT_STANDARD.toString('hex')}`, ['standard_hex', 'wrong_prefix']],
    [RIGHT_STANDARD.toString('hex'), ['standard_hex', 'no_v1']],
    [djinn(RIGHT).slice(0, 60), ['truncated']],
    [RIGHT.toString('hex').slice(0, 40), ['truncated']],
    [v1(RIGHT_STANDARD).slice(0, 30), ['truncated']],
  ])('%s: %j', (pasted, names) => {
    expect(judge(pasted)).toMatchObject({ kind: 'mistaken', names });
  });

  it.each(['sha1', 'sha384', 'sha512'])('%s in place of SHA-256', (algorithm) => {
    const mac = createHmac(algorithm, SECRET).update(BODY).digest('hex');
    expect(judge(`${algorithm}=${mac}`)).toMatchObject({ kind: 'mistaken', names: ['other_algorithm'] });
    expect(judge(mac).names).toEqual(['other_algorithm', 'no_prefix']);
  });
});

describe('a mistake with the body', () => {
  const text = BODY.toString();
  const value: unknown = JSON.parse(text);
  it.each([
    ['reencoded', JSON.stringify(value)],
    ['reencoded', JSON.stringify(value, null, 2)],
    ['reencoded', JSON.stringify(value, null, 4)],
    ['reencoded', `${JSON.stringify(value)}\n`],
    ['reencoded', '{"id":1,"name":"é <b>","url":"https://ci.example/b/1"}'],
    ['reencoded', '{"id": 1, "url": "https://ci.example/b/1", "name": "\\u00e9 <b>"}'],
    ['reencoded', '{"id": 1, "url": "https://ci.example/b/1", "name": "é <b>"}'],
    ['reencoded', '{"id":1,"url":"https:\\/\\/ci.example\\/b\\/1","name":"\\u00e9 <b>"}'],
    ['reencoded', '{"id":1,"name":"é \\u003cb\\u003e","url":"https://ci.example/b/1"}'],
    ['newline_added', `${text}\n`],
    ['space_removed', text.trim()],
    ['empty_body', ''],
    ['object_text', '[object Object]'],
    ['quoted_body', JSON.stringify(text)],
    ['base64_body', BODY.toString('base64')],
    ['latin1_body', BODY.toString('latin1')],
  ])('%s: %j', (name, signed) => {
    expect(judge(djinn(hmac(SECRET, signed)))).toMatchObject({ kind: 'mistaken', names: [name] });
    expect(judge(v1(hmac(SECRET, standardHead, signed)))).toMatchObject({ kind: 'mistaken', names: [name] });
  });

  it('names what writes JSON so', () => {
    const [found] = judge(djinn(hmac(SECRET, JSON.stringify(value)))).findings;
    expect(found?.happened).toMatch(/right for the body as JSON\.stringify\(JSON\.parse\(body\)\) writes it\.$/);
    expect(found?.whatToDo).toMatch(/raw bytes.*express\.raw/);
  });

  it.each([
    ['timestamp_alone', `${TIMESTAMP}.`],
    ['timestamp_in_ms', `${ID}.${TIMESTAMP}000.`],
  ])('%s', (name, head) => {
    expect(judge(v1(hmac(SECRET, head, BODY))).names).toEqual([name]);
  });
});

describe('a mistake with the secret', () => {
  it.each([
    ['trimmed_secret', ' padded\n', Buffer.from('padded')],
    ['newline_secret', SECRET, Buffer.from(`${SECRET}\n`)],
    ['newline_secret', SECRET, Buffer.from(`${SECRET}\r\n`)],
    ['quoted_secret', SECRET, Buffer.from(`"${SECRET}"`)],
    ['base64_decoded_secret', 'c2VjcmV0', Buffer.from('secret')],
    ['base64_encoded_secret', SECRET, Buffer.from(Buffer.from(SECRET).toString('base64'))],
    ['hex_decoded_secret', '00ff00ff', Buffer.from('00ff00ff', 'hex')],
    ['whsec_removed', 'whsec_c2VjcmV0', Buffer.from('c2VjcmV0')],
    ['whsec_decoded', 'whsec_c2VjcmV0', Buffer.from('secret')],
    ['empty_secret', SECRET, Buffer.alloc(0)],
    ['empty_secret', '!!!', Buffer.from('!!!', 'base64')],
    ['undefined_secret', SECRET, Buffer.from('undefined')],
  ])('%s', (name, secret, key) => {
    expect(judge(djinn(hmac(key, BODY)), { secrets: [secret] })).toMatchObject({ kind: 'mistaken', names: [name] });
  });

  it('whsec_ that is kept, or taken off but not decoded, for webhook-signature', () => {
    const secrets = ['whsec_c2VjcmV0'];
    const by = (key: string) => judge(v1(hmac(key, standardHead, BODY)), { secrets });
    expect(by('secret').names).toEqual(['right_standard']);
    expect(by('whsec_c2VjcmV0').names).toEqual(['whsec_kept']);
    expect(by('c2VjcmV0').names).toEqual(['whsec_removed']);
  });

  it('no HMAC, or one whose arguments have changed places', () => {
    const sha256 = (...parts: (string | Buffer)[]) =>
      createHash('sha256')
        .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
        .digest();
    expect(judge(djinn(sha256(BODY))).names).toEqual(['no_key']);
    expect(judge(djinn(sha256(SECRET, BODY))).names).toEqual(['concatenated']);
    expect(judge(djinn(sha256(BODY, SECRET))).names).toEqual(['concatenated']);
    expect(judge(djinn(hmac(BODY, SECRET))).names).toEqual(['swapped']);
  });
});

describe('several mistakes', () => {
  it('are all told, in the order in which they are mended', () => {
    const mac = hmac(`${SECRET}\n`, JSON.stringify(JSON.parse(BODY.toString())));
    expect(judge(mac.toString('base64')).names).toEqual(['newline_secret', 'reencoded', 'base64', 'no_prefix']);
  });

  it('are not looked for both in the secret and in a large body', () => {
    const body = Buffer.from(JSON.stringify({ padding: 'x'.repeat(100_000) }, null, 1));
    const compact = JSON.stringify(JSON.parse(body.toString()));
    expect(judge(djinn(hmac(SECRET, compact)), { body }).names).toEqual(['reencoded']);
    expect(judge(djinn(hmac(`${SECRET}\n`, body)), { body }).names).toEqual(['newline_secret']);
    expect(judge(djinn(hmac(`${SECRET}\n`, compact)), { body }).kind).toBe('unknown');
  });
});

describe('a secret that was changed', () => {
  const changed = { secrets: ['old one'], present: 'new one', previous: 'old one' };

  it('is told, also of a signature that is right for the attempt', () => {
    expect(judge(djinn(hmac('old one', BODY)), changed)).toMatchObject({ kind: 'right', isSecretChanged: true });
    expect(judge(djinn(hmac('new one', BODY)), changed)).toMatchObject({
      kind: 'mistaken',
      names: ['newer_secret'],
      isSecretChanged: true,
    });
    expect(judge(djinn(hmac('another', BODY)), changed)).toMatchObject({ kind: 'unknown', names: ['unknown'] });
  });

  it('is told of one that is still used', () => {
    const replaced = { secrets: ['new one', 'old one'] };
    expect(judge(djinn(hmac('old one', BODY)), replaced)).toMatchObject({
      names: ['replaced_secret'],
      isSecretChanged: false,
    });
    expect(judge(djinn(hmac('old one\n', BODY)), replaced).names).toEqual(['newline_secret', 'replaced_secret']);
  });

  it('leaves the form of what was sent to be compared, where it is not known any more', () => {
    for (const now of [{ present: undefined }, { present: 'newest', previous: 'new one' }]) {
      const lost = { secrets: ['old one'], ...now };
      const right = hmac('old one', BODY);
      expect(judge(right.toString('hex'), lost)).toMatchObject({ names: ['no_prefix'], isSecretChanged: true });
      expect(judge(djinn(hmac('another', BODY)), lost).names).toEqual(['unknown_since_changed']);
    }
  });
});

describe('what cannot be compared', () => {
  it.each([
    ['', 'wrong_characters'],
    ['not a signature!', 'wrong_characters'],
    [`${djinn(RIGHT)}00`, 'wrong_length'],
    ['deadbeef', 'wrong_length'],
  ])('%j', (pasted, name) => {
    expect(judge(pasted)).toMatchObject({ kind: 'unreadable', names: [name] });
  });

  it('is an attempt that was not signed', () => {
    expect(judge(djinn(RIGHT), { secrets: [] })).toMatchObject({ kind: 'nothing_to_compare', names: ['unsigned'] });
  });
});

describe('what is said', () => {
  const anyCase = fc.record({
    body: fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    secret: fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
    pasted: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ minLength: 20, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => v1(Buffer.from(bytes))),
    ),
  });

  it('is never that something else is right, nor what would be', () => {
    fc.assert(
      fc.property(anyCase, ({ body, secret, pasted }) => {
        const said = judge(pasted, { body, secrets: [`\u{1F511}${secret}`] });
        expect(said.kind).not.toBe('right');
        const words = JSON.stringify(said);
        const right = hmac(`\u{1F511}${secret}`, body);
        expect(words).not.toContain(`\u{1F511}`);
        for (const encoding of ['hex', 'base64'] as const) expect(words).not.toContain(right.toString(encoding));
      }),
    );
  });

  it('takes whatever body there is, also one that is no UTF-8', () => {
    const body = Buffer.from([0xff, 0xfe, 0, 1]);
    expect(judge(djinn(hmac(SECRET, body)), { body }).kind).toBe('right');
    expect(judge(djinn(hmac(SECRET, 'x')), { body }).kind).toBe('unknown');
  });
});

test('a megabyte is compared, too', () => {
  const body = Buffer.from(JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ index }))));
  const unknown = judge(djinn(hmac('another', body)), { body });
  expect([unknown.kind, unknown.findings[0]?.happened]).toEqual(['unknown', expect.stringMatching(/so large that/)]);
  expect(judge(djinn(hmac(SECRET, body, '\n')), { body }).names).toEqual(['newline_added']);
  // Of a body of this size it is not tried, or a page could take seconds.
  const pretty = JSON.stringify(JSON.parse(body.toString()), null, 2);
  expect(judge(djinn(hmac(SECRET, pretty)), { body }).kind).toBe('unknown');
});
