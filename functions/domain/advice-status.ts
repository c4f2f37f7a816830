import type { AttemptResponse } from './delivery.ts';
import { statusLine } from './http-status.ts';
import { EVENT_DETAIL_MAX_BYTES } from './limits.ts';
import { oneLine } from './one-line.ts';

/** A response that was no success, to the request for a URL, and what of the webhook bears on it. */
export type Refused = {
  readonly response: Pick<AttemptResponse, 'status' | 'headers'>;
  readonly url: string | undefined;
  readonly hasSecret: boolean | undefined;
};

const HEADER_MAX_CHARACTERS = 200;
const KILOBYTE = 1024;

/** What a receiver answered, as a sentence: its status and, where it named them, where to and how long to wait. */
export function answered(refused: Refused): string {
  const { status } = refused.response;
  const line = `The receiver answered ${statusLine(status)}`;
  if (isRedirect(status)) {
    const location = locationOf(refused);
    return location === undefined ? `${line}.` : `${line}, to ${location}. Redirects are not followed.`;
  }
  const wait = header(refused, 'retry-after');
  return wait === undefined ? `${line}.` : `${line}, and to be tried again after ${waitOf(wait)}.`;
}

/** What to do about a status that is no success. */
export function adviceOnStatus(refused: Refused): string {
  const { status } = refused.response;
  if (isRedirect(status)) return onRedirect(refused);
  const advice = BY_STATUS[status];
  if (advice !== undefined) return typeof advice === 'string' ? advice : advice(refused);
  if (status >= 520 && status < 600) return BEHIND_A_PROXY;
  if (status >= 500 && status < 520) return OWN_ERROR;
  if (status >= 400 && status < 500) return REFUSED;
  return 'Any status from 200 to 299 counts as success, and no other. Let the receiver answer one of those, 204 for example.';
}

const REFUSED =
  "The receiver refuses the request. What it misses often stands in the response's body, else in the receiver's log at this time.";
const OWN_ERROR =
  "The receiver's own code failed. Look into its log at this time: the delivery's id is in X-Djinn-CI-Delivery.";
const BEHIND_A_PROXY =
  'What stands in front of the receiver could not get an answer from it. See whether the application runs, and whether the proxy has its right address, port and time limit.';

const BY_STATUS: Readonly<Record<number, string | ((refused: Refused) => string)>> = {
  400: 'The receiver finds the request malformed. The body is the payload itself, as JSON in UTF-8, without an envelope: see whether it expects that.',
  401: onAuthentication,
  403: onAuthentication,
  404: 'The receiver has nothing at this path. Compare the payload URL with the route that your application serves, letter for letter, a slash at its end included.',
  405: onMethod,
  406: 'The receiver offers no answer that it thinks would be accepted, though any is. Let it ignore the Accept header, which is */*.',
  407: 'What answered is a proxy that wants a password, not the receiver. Enter a payload URL that reaches the receiver without it.',
  408: 'The receiver waited too long for the request, which is sent at once. It, or a proxy in front of it, is probably overloaded.',
  409: 'The receiver says that this contradicts what it has. Where it only means that it has had this delivery before, let it answer 2xx: X-Djinn-CI-Delivery is the same for every attempt.',
  410: 'With 410 a receiver asks for no more, so the webhook was deactivated, unless somebody had changed it meanwhile. If that was not meant, let it answer otherwise, activate the webhook, and recover what it missed.',
  413: `The payload is too large for the receiver. Raise its limit, or that of the proxy in front of it (client_max_body_size in nginx): payloads have up to ${Math.floor(EVENT_DETAIL_MAX_BYTES / KILOBYTE)} KB.`,
  415: 'The receiver does not take this type of content. Let it take application/json; charset=utf-8.',
  421: 'The server that answered is not responsible for this host. See whether its certificates and virtual hosts have the name in the payload URL.',
  422: 'The receiver read the payload and refuses what is in it. Let it ignore fields that it does not know, bear null where a field may be null, and answer 2xx to events that do not interest it.',
  425: 'The receiver fears a replay. Deliveries are not sent as early data: see what in front of it says that they are.',
  426: 'The receiver wants another protocol. Deliveries come over HTTP/1.1: let it, or a proxy in front of it, accept that.',
  429: 'The receiver gets more than it wants to take. Raise its limit for these requests, or answer 2xx at once and work later; where it sends Retry-After, that is kept to.',
  431: 'The headers are too large for the receiver, though they have less than 2 KB. Raise its limit.',
  499: BEHIND_A_PROXY,
  500: OWN_ERROR,
  501: 'The server that answered does not know this method or path. See whether the payload URL is that of your application.',
  502: BEHIND_A_PROXY,
  503: 'The receiver is overloaded, starting or in maintenance. See whether it is up again; where it sends Retry-After, that is kept to.',
  504: 'The proxy in front of the receiver waited for it in vain. Let the application answer 2xx at once and work later.',
  505: 'The receiver refuses HTTP/1.1. Let it, or a proxy in front of it, accept that.',
  507: 'The receiver has no space left. Make room on its disk.',
  508: 'The receiver is called by itself. See where its proxy sends requests for this path.',
  511: 'What answered is a network that wants a sign-in, not the receiver. Enter a payload URL that reaches the receiver without it.',
};

function onAuthentication({ hasSecret }: Refused): string {
  if (hasSecret === false) {
    return 'It refuses us: the webhook has no secret, so that nothing is signed. Where the receiver checks signatures, give both the same secret; where it wants a token, put that into the payload URL.';
  }
  return "It refuses us: check its secret or token. The receiver must have the same secret as this webhook, and check the signature over the exact bytes of the body. The signature check on the delivery's page tells what went wrong.";
}

function onMethod(refused: Refused): string {
  const allowed = header(refused, 'allow');
  const but = allowed === undefined ? '' : `, but ${allowed}`;
  return `The receiver takes no POST at this path${but}. See whether the payload URL's path is the one that your application takes webhooks at.`;
}

function onRedirect(refused: Refused): string {
  const location = locationOf(refused);
  if (refused.response.status === 304 || location === undefined) {
    return 'The receiver answers with a redirect that leads nowhere. Let it answer 2xx where it took the delivery.';
  }
  if (/\b(log[-_]?in|sign[-_]?in|auth|sso|session)\b/i.test(location)) {
    return 'This looks like a page to sign in. Exempt the payload URL from it: whether a delivery is genuine is told by its signature.';
  }
  return 'Enter that URL as the payload URL, if it is yours, or let the receiver answer where it is called.';
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Where a redirect leads, made absolute by the URL that was called. */
function locationOf(refused: Refused): string | undefined {
  const location = header(refused, 'location');
  if (location === undefined) return undefined;
  return oneLine(URL.parse(location, refused.url)?.href ?? location, HEADER_MAX_CHARACTERS);
}

function waitOf(retryAfter: string): string {
  return /^\d+$/.test(retryAfter) ? `${retryAfter} s` : retryAfter;
}

function header({ response }: Refused, name: string): string | undefined {
  return oneLine(response.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '', HEADER_MAX_CHARACTERS);
}
