/** What the API answers of an attempt's connection. The remote address is for operators, and not in it. */
import * as v from 'valibot';
import { certificateWarning } from '../../domain/connection.ts';
import type { Attempt } from '../../domain/delivery.ts';
import { TimestampSchema } from '../../domain/entities.ts';
import { CERTIFICATE_WARNING_DAYS } from '../../domain/limits.ts';
import { described } from './schemas.ts';

const spent = (what: string) => described(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), what);

const CertificateSchema = v.strictObject({
  expires_at: TimestampSchema,
  warning: described(v.nullable(v.string()), `What to do, from ${CERTIFICATE_WARNING_DAYS} days before that on.`),
});

export const ConnectionEntries = {
  timing: v.strictObject({
    dns_ms: spent('Spent on finding the address.'),
    connect_ms: spent('Spent on connecting.'),
    tls_ms: spent('Spent on the TLS handshake.'),
    first_byte_ms: spent('From the beginning to the first byte of the answer; `duration_ms` is to its end.'),
  }),
  connection_reused: described(v.boolean(), 'Whether the connection was open already, from a request just before.'),
  http_version: described(v.nullable(v.string()), 'As the receiver says.'),
  certificate: described(v.nullable(CertificateSchema), "The receiver's, where one was presented and taken."),
};

/** What the API shows of an attempt's connection; what it did not come to, or was not measured, is null. */
export function connectionEntity({ connection = {}, startedAt }: Attempt) {
  const { dnsMs = null, connectMs = null, tlsMs = null, firstByteMs = null } = connection;
  const { httpVersion = null, certificateExpiresAt: expiresAt } = connection;
  return {
    timing: { dns_ms: dnsMs, connect_ms: connectMs, tls_ms: tlsMs, first_byte_ms: firstByteMs },
    connection_reused: connection.reused === true,
    http_version: httpVersion,
    certificate: expiresAt
      ? { expires_at: expiresAt, warning: certificateWarning(expiresAt, Date.parse(startedAt)) }
      : null,
  };
}
