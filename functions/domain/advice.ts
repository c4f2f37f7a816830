import { adviceOnStatus, answered, type Refused } from './advice-status.ts';
import type { Attempt, AttemptError, AttemptErrorClass, AttemptSummary } from './delivery.ts';
import { ATTEMPT_DEADLINE_MS, EVENT_RETENTION_DAYS, SLOW_POST_MS, SLOW_POSTS_PER_WEBHOOK_MAX } from './limits.ts';
import type { Webhook } from './webhook.ts';

/** What is said of an attempt that did not succeed; whole sentences. */
export type Advice = {
  readonly happened: string;
  readonly whatToDo: string;
  /** What follows: of the delivery's last attempt only, for of the others it has come already. */
  readonly next: string;
};

/** As much of an attempt as advice goes by. */
export type Advised = Pick<Attempt, 'status' | 'error' | 'response' | 'request'>;

/** What of a failure its class's sentence is made from. */
type Failure = {
  readonly error: AttemptError;
  readonly host: string;
  readonly refused: Refused | undefined;
  readonly isActive: boolean | undefined;
};

/** Short enough for a badge. Where the receiver answered, its status says more. */
const LABELS: Readonly<Record<AttemptErrorClass, string>> = {
  status: 'status',
  redirect: 'redirect',
  timeout: 'timeout',
  dns: 'DNS',
  connection: 'connection',
  tls: 'TLS',
  protocol: 'protocol',
  blocked: 'blocked',
  webhook_gone: 'deleted',
  webhook_inactive: 'inactive',
  payload_gone: 'no payload',
  paused: 'paused',
  circuit_open: 'circuit open',
  busy: 'busy',
  unsigned: 'unsigned',
  internal: 'internal',
};

/** What to do about each class. One that is new does not compile until it stands here. */
const WHAT_TO_DO: Readonly<Record<AttemptErrorClass, string | ((failure: Failure) => string)>> = {
  status: onAnswer,
  redirect: onAnswer,
  timeout: onTimeout,
  dns: ({ host }) =>
    `See whether the host in the payload URL is spelt right, and whether public DNS has an A or AAAA record for it: dig ${host}`,
  connection: onConnection,
  tls: onTls,
  protocol: onProtocol,
  blocked:
    'Enter a payload URL whose host has public addresses only. Receivers in a network of your own are reachable once whoever operates this service allows that network.',
  webhook_gone:
    'Nothing: whoever deleted the webhook ended its deliveries. A new webhook gets what happens from then on.',
  webhook_inactive: ({ isActive }) =>
    isActive
      ? 'The webhook is active again: redeliver this, or recover all that it missed.'
      : 'Activate the webhook. It then offers to recover what it missed.',
  payload_gone: `Payloads are kept for ${EVENT_RETENTION_DAYS} days, and what is no longer kept cannot be sent. Ask the REST API of the CI for how things stand now.`,
  paused: 'Resume the webhook to have it sent now. Else it is sent when the pause ends.',
  circuit_open:
    'See what the last attempts failed with, and mend that. A probe is sent every few minutes, and all that is held follows the first one that succeeds; Redeliver sends a probe at once.',
  busy: `Let the receiver answer faster: 2xx first, the work later. It has ${SLOW_POSTS_PER_WEBHOOK_MAX} requests at once that have taken more than ${SLOW_POST_MS / 1000} s.`,
  unsigned:
    "This is no fault of the receiver's: the service could not open the webhook's secret. If it lasts, tell whoever operates the service, or set the secret anew.",
  internal:
    "This is no fault of the receiver's. Redeliver it; if that fails, too, tell whoever operates the service the delivery's id.",
};

/** A word or a number for an attempt's badge: the status that was answered, or what came instead. */
export function attemptLabel({
  status,
  error,
  response,
}: Pick<AttemptSummary, 'status' | 'error' | 'response'>): string {
  return response?.status.toString() ?? (error === undefined ? status : LABELS[error.class]);
}

/**
 * What happened in an attempt that did not succeed, and what its webhook's owner can do about it; undefined of one that did. The
 * webhook is as it is now; what is said without it is less to the point.
 */
export function adviceOn(
  attempt: Advised,
  webhook?: Pick<Webhook, 'active' | 'sealedSecret'> | undefined,
): Advice | undefined {
  const { error, request, response } = attempt;
  if (error === undefined) return undefined;
  const refused: Refused | undefined = response && {
    response,
    url: request?.url,
    hasSecret: webhook && webhook.sealedSecret !== undefined,
  };
  const host = URL.parse(request?.url ?? '')?.hostname || 'the host';
  const advice = WHAT_TO_DO[error.class];
  return {
    happened: happened(error, refused),
    whatToDo: typeof advice === 'string' ? advice : advice({ error, host, refused, isActive: webhook?.active }),
    next: nextAfter(attempt, webhook),
  };
}

function happened({ class: errorClass, message }: AttemptError, refused: Refused | undefined): string {
  if (refused === undefined) return `${message}.`;
  const isOfStatus = errorClass === 'status' || errorClass === 'redirect';
  return isOfStatus ? answered(refused) : `${message}. ${answered(refused)}`;
}

function nextAfter({ status, error }: Advised, webhook: Pick<Webhook, 'active'> | undefined): string {
  if (status === 'held') return 'Nothing is lost: it is sent once it is released, in the order of the events.';
  if (error?.class === 'payload_gone' || error?.class === 'webhook_gone') return 'Nothing more is sent.';
  if (webhook?.active === false) return 'Nothing is sent until the webhook is activated; then redeliver it.';
  if (status === 'retrying')
    return 'It is tried again by itself. Once the cause is mended, you can redeliver it at once.';
  const isOver = status === 'dead' ? 'It is given up' : 'It is cancelled';
  return `${isOver}: nothing more is sent by itself. Once the cause is mended, redeliver it.`;
}

function onAnswer({ refused }: Failure): string {
  return refused === undefined ? 'Let the receiver answer with a status from 200 to 299.' : adviceOnStatus(refused);
}

function onTimeout({ error, host }: Failure): string {
  if (/connection/.test(error.message)) {
    return `See whether ${host} is up, and whether a firewall in front of it drops what comes from here: it took no connection at all.`;
  }
  return `It was slow, and may have done its work all the same. Let it answer 2xx first and do the work later: there are ${ATTEMPT_DEADLINE_MS / 1000} s for everything, the last byte of the response included.`;
}

function onConnection({ error, host }: Failure): string {
  if (/refused/.test(error.message)) {
    return `Nothing listens at ${host} on this port. See whether the receiver runs, whether it listens on more than localhost, and whether the port in the payload URL is right.`;
  }
  if (/closed/.test(error.message)) {
    return 'Look into the log of the receiver, and of the proxy in front of it, at this time: it crashed, was restarted, or speaks TLS where the payload URL says http.';
  }
  return `No way leads to ${host}. See whether it is up, and whether a firewall or a wrong address in DNS is in between.`;
}

/** By the sentences of `transport/post-errors.ts`. */
function onTls({ error, host }: Failure): string {
  const { message } = error;
  if (/expired/.test(message)) {
    return 'Renew the certificate, and have the server load the new one. If it renews itself, see why it did not.';
  }
  if (/not valid yet/.test(message)) {
    return 'The certificate begins in the future. See when it was made to begin, and whether the clock of the machine that made it is right.';
  }
  if (/self-signed/.test(message)) {
    return "Use a certificate of a public authority, such as Let's Encrypt; or, where whoever operates this service allows it, have the webhook not verify certificates.";
  }
  if (/unknown authority/.test(message)) {
    return 'Most often the server sends its own certificate without the intermediate one: have it send the whole chain (fullchain.pem). Else use one of a public authority.';
  }
  if (/another name/.test(message)) {
    return `The certificate must have the name ${host} among its subject alternative names: get one that has, or enter the name that it has in the payload URL.`;
  }
  return 'See whether the receiver speaks TLS 1.2 or 1.3 on this port: it may be a port for plain HTTP.';
}

function onProtocol({ error }: Failure): string {
  if (/headers/.test(error.message)) return 'Let the receiver send fewer or shorter headers; most often it is cookies.';
  if (/interim/.test(error.message)) return 'Let the receiver send its response, and not only that it is under way.';
  return 'See whether a web server listens on this port, whether it speaks TLS there (then the payload URL begins with https), and whether it accepts HTTP/1.1.';
}
