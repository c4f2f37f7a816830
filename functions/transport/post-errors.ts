import type { AttemptError, AttemptErrorClass } from '../domain/delivery.ts';
import {
  ATTEMPT_DEADLINE_MS,
  CONNECT_DEADLINE_MS,
  INTERIM_RESPONSES_MAX,
  REPLY_HEAD_MAX_BYTES,
  REPLY_READ_MAX_BYTES,
  RESOLVE_DEADLINE_MS,
} from '../domain/limits.ts';
import {
  AttemptTimeoutError,
  BlockedError,
  ConnectTimeoutError,
  HandshakeFloodError,
  InterimFloodError,
  ReplyFloodError,
  ResolveError,
  ResolveTimeoutError,
} from './connection-errors.ts';

/** One sentence for every blocked address: anything more would be a scanner of the networks around us. */
const BLOCKED = 'Payload URL must point to a public address';

const NOT_HTTP = 'The receiver did not answer in HTTP/1.1';
const TOO_MUCH = `The receiver sent more than ${(REPLY_HEAD_MAX_BYTES + REPLY_READ_MAX_BYTES) / 1024} KB and no end of its headers`;
const NO_TLS = 'No secure connection could be agreed on (TLS)';

const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The receiver refused the connection',
  ECONNRESET: 'The receiver closed the connection before it answered',
  EPIPE: 'The receiver closed the connection before it answered',
  EHOSTUNREACH: 'The receiver cannot be reached',
  ENETUNREACH: 'The receiver cannot be reached',
  ETIMEDOUT: 'The receiver cannot be reached',
  // Of its address, too: where we have no IPv6, or a firewall or a route of ours forbids it. Were it our failure, any user could make dead letters.
  EADDRNOTAVAIL: 'The receiver cannot be reached',
  EAFNOSUPPORT: 'The receiver cannot be reached',
  EACCES: 'The receiver cannot be reached',
  EPERM: 'The receiver cannot be reached',
};

/** What this machine lacks, whoever the receiver is: descriptors, buffers, memory. */
const OURS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

const TLS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "The receiver's certificate has expired",
  CERT_NOT_YET_VALID: "The receiver's certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The receiver's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "The receiver's certificate comes from an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The receiver's certificate comes from an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The receiver's certificate comes from an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "The receiver's certificate is for another name",
};

/** Whether a POST failed for what we lack ourselves. It says nothing of the receiver, and is to be tried again. */
export function isOwnTrouble(error: unknown): boolean {
  return OURS.has(codeOf(error)) || (error instanceof Error && OURS.has(codeOf(error.cause)));
}

/** What a failed POST says to the webhook's owner. Unknown failures are the receiver's protocol errors: never thrown. */
export function explain(error: unknown): AttemptError {
  return explainOwn(error) ?? explainCode(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function explainOwn(error: unknown): AttemptError | undefined {
  if (error instanceof BlockedError) return said('blocked', BLOCKED);
  if (error instanceof ResolveTimeoutError) {
    return said('dns', `The receiver's host name could not be resolved within ${RESOLVE_DEADLINE_MS / 1000} s`);
  }
  if (error instanceof ResolveError) return said('dns', "The receiver's host name could not be resolved");
  if (error instanceof ConnectTimeoutError) {
    return said('timeout', `The receiver took no connection within ${CONNECT_DEADLINE_MS / 1000} s`);
  }
  if (error instanceof AttemptTimeoutError) {
    return said('timeout', `The receiver did not answer within ${ATTEMPT_DEADLINE_MS / 1000} s`);
  }
  if (error instanceof HandshakeFloodError) return said('tls', NO_TLS);
  if (error instanceof ReplyFloodError) return said('protocol', TOO_MUCH);
  if (error instanceof InterimFloodError) {
    return said(
      'protocol',
      `The receiver sent more than ${INTERIM_RESPONSES_MAX} interim responses (1xx) and no other`,
    );
  }
  return undefined;
}

function explainCode(code: string): AttemptError {
  if (CONNECTION[code] !== undefined) return said('connection', CONNECTION[code]);
  if (TLS[code] !== undefined) return said('tls', TLS[code]);
  if (/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|ERROR_IN_CERT_)/.test(code)) return said('tls', NO_TLS);
  if (code === 'HPE_HEADER_OVERFLOW') {
    return said('protocol', `The receiver answered with headers of more than ${REPLY_HEAD_MAX_BYTES / 1024} KB`);
  }
  return said('protocol', NOT_HTTP);
}

function said(errorClass: AttemptErrorClass, message: string): AttemptError {
  return { class: errorClass, message };
}
