import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSignature, signaturesIn } from '../../functions/domain/signature-text.ts';

const MAC = Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex');
const HEX = MAC.toString('hex');
const BASE64 = MAC.toString('base64');

test.each([
  [HEX, '', 'hex'],
  [`sha256=${HEX}`, 'sha256', 'hex'],
  [`SHA256=${HEX.toUpperCase()}`, 'SHA256', 'upper_hex'],
  [BASE64, '', 'base64'],
  [`v1,${BASE64}`, 'v1', 'base64'],
  [MAC.toString('base64url'), '', 'base64'],
  [Buffer.from(HEX).toString('base64'), '', 'base64_of_hex'],
  [`sha256=${BASE64}`, 'sha256', 'base64'],
])('%s is a signature', (text, prefix, encoding) => {
  expect(readSignature(text)).toMatchObject({ kind: 'signature', prefix, encoding, mac: MAC, algorithm: 'sha256' });
});

test.each([
  ['sha1', 20],
  ['sha384', 48],
  ['sha512', 64],
] as const)('%s is told by its length', (algorithm, bytes) => {
  const mac = Buffer.alloc(bytes, 7);
  expect(readSignature(mac.toString('hex'))).toMatchObject({ algorithm, mac });
  expect(readSignature(`${algorithm}=${mac.toString('hex')}`)).toMatchObject({ algorithm, prefix: algorithm });
});

test.each([
  ['', 'wrong_characters'],
  ['=', 'wrong_characters'],
  ['sha256=', 'wrong_length'],
  ['<Buffer 5b dc>', 'wrong_characters'],
  [`${HEX} ${HEX}`, 'wrong_characters'],
  ['grüße', 'wrong_characters'],
  [HEX.slice(1), 'wrong_length'],
  [`${HEX}00`, 'wrong_length'],
  ['secret', 'wrong_length'],
  [BASE64.slice(4), 'wrong_length'],
])('%s is none', (text, kind) => {
  expect(readSignature(text).kind).toBe(kind);
});

test.each([
  [`  sha256=${HEX}\n`, [`sha256=${HEX}`]],
  [`"sha256=${HEX}",`, [`sha256=${HEX}`]],
  [`b'${HEX}'`, [HEX]],
  [`X-Djinn-CI-Signature: sha256=${HEX}`, [`sha256=${HEX}`]],
  [`webhook-signature: v1,${BASE64} v1,AAAA`, [`v1,${BASE64}`, 'v1,AAAA']],
  [`${HEX} and more`, [`${HEX} and more`]],
])('what is pasted as %j is taken out', (pasted, texts) => {
  expect(signaturesIn(pasted)).toEqual(texts);
});

test('whatever is pasted, it is read without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1024 }), (pasted) => {
      for (const text of signaturesIn(pasted)) expect(readSignature(text).kind).toMatch(/signature|wrong/);
    }),
  );
});
