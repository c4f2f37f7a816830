import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { endingOf } from '../../functions/transport/secure.ts';
import { makeCertificate } from '../support/tls/certificate.ts';

test.each(['20261301000000Z', 'sometime in May', '\0'.repeat(15)])(
  'reads no end of %j, however often it is read',
  (validToText) => {
    const certificate = new X509Certificate(makeCertificate({ name: 'receiver.example.test', validToText }).cert);
    // What Node makes of such a date is what stood in memory: of 20,000 readings some were dates, once half of them.
    for (let reading = 0; reading < 20_000; reading++) {
      const read = new X509Certificate(certificate.raw);
      if (endingOf(read).certificateExpiresAt !== undefined) throw new Error(`Reading ${reading} tells an end.`);
    }
  },
);

test.each([
  ['20260520235959Z', '2026-05-20T23:59:59.000Z'],
  ['20260520235959.5Z', '2026-05-20T23:59:59.000Z'],
  ['00500101000000Z', '0050-01-01T00:00:00.000Z'],
  ['99991231235959Z', '9999-12-31T23:59:59.000Z'],
])('reads the end of %s', (validToText, certificateExpiresAt) => {
  const { cert } = makeCertificate({ name: 'receiver.example.test', validToText });
  expect(endingOf(new X509Certificate(cert))).toEqual({ certificateExpiresAt });
});
