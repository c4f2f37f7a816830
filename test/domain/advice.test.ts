import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Advised, adviceOn, attemptLabel } from '../../functions/domain/advice.ts';
import { ATTEMPT_ERROR_CLASSES, type AttemptError } from '../../functions/domain/delivery.ts';
import { explain } from '../../functions/transport/post-errors.ts';

const REQUEST = { url: 'https://hooks.example:8443/in', headers: [] };

function failed(error: AttemptError, differences: Partial<Advised> = {}): Advised {
  return { status: 'retrying', request: REQUEST, error, ...differences };
}

function answered(status: number, headers: readonly (readonly [string, string])[] = []): Advised {
  const errorClass = status >= 300 && status < 400 ? 'redirect' : 'status';
  const response = { status, headers, body: new Uint8Array(), truncated: false };
  return failed({ class: errorClass, message: `The receiver answered ${status}` }, { response });
}

/** What a POST that failed so says, by the sentences of the transport itself. */
function failedBy(code: string): Advised {
  return failed(explain(Object.assign(new Error('refused'), { code })));
}

describe('every class of error', () => {
  it.each(ATTEMPT_ERROR_CLASSES)('%s: has a label, and whole sentences of what happened and what to do', (name) => {
    const attempt = failed({ class: name, message: 'Something happened' });
    expect(attemptLabel(attempt)).toMatch(/^[a-zA-Z ]{3,12}$/);
    const advice = adviceOn(attempt);
    expect(advice?.happened).toBe('Something happened.');
    expect(advice?.whatToDo).toMatch(/^[A-Z].{40,}/);
    expect(advice?.whatToDo).not.toMatch(/undefined|\[object/);
    expect(advice?.next).toMatch(/^[A-Z].+\.$/);
  });

  it('is not said of what succeeded', () => {
    const response = { status: 204, headers: [], body: new Uint8Array(), truncated: false };
    const attempt: Advised = { status: 'succeeded', request: REQUEST, response };
    expect(adviceOn(attempt)).toBeUndefined();
    expect(attemptLabel(attempt)).toBe('204');
    expect(attemptLabel({ status: 'cancelled' })).toBe('cancelled');
  });
});

describe('a label', () => {
  it('is the status, where the receiver answered', () => {
    expect(attemptLabel(answered(503))).toBe('503');
    expect(attemptLabel(answered(301))).toBe('301');
    expect(attemptLabel(failedBy('ECONNREFUSED'))).toBe('connection');
    expect(attemptLabel(failedBy('CERT_HAS_EXPIRED'))).toBe('TLS');
  });
});

describe('a status', () => {
  test.each([
    [400, /malformed.*JSON/],
    [401, /refuses us: check its secret or token/],
    [403, /refuses us: check its secret or token/],
    [404, /nothing at this path/],
    [405, /no POST/],
    [408, /waited too long/],
    [410, /asks for no more.*deactivated.*recover/],
    [413, /too large.*client_max_body_size.*1023 KB/],
    [415, /application\/json; charset=utf-8/],
    [418, /refuses the request.*body/],
    [422, /ignore fields/],
    [429, /more than it wants.*Retry-After/],
    [500, /own code failed.*X-Djinn-CI-Delivery/],
    [502, /in front/],
    [503, /overloaded.*Retry-After/],
    [504, /answer 2xx at once/],
    [522, /in front/],
    [599, /in front/],
    [555, /in front/],
    [519, /own code failed/],
    [600, /200 to 299/],
  ])('%i: %s', (status, whatToDo) => {
    expect(adviceOn(answered(status))?.whatToDo).toMatch(whatToDo);
  });

  it('is named with its phrase, and with how long the receiver asks to wait', () => {
    expect(adviceOn(answered(404))?.happened).toBe('The receiver answered 404 Not Found.');
    expect(adviceOn(answered(599))?.happened).toBe('The receiver answered 599.');
    expect(adviceOn(answered(429, [['retry-after', '120']]))?.happened).toBe(
      'The receiver answered 429 Too Many Requests, and to be tried again after 120 s.',
    );
    expect(adviceOn(answered(503, [['Retry-After', 'Mon, 23 Nov 2026 12:00:00 GMT']]))?.happened).toBe(
      'The receiver answered 503 Service Unavailable, and to be tried again after Mon, 23 Nov 2026 12:00:00 GMT.',
    );
  });

  it('says of a method that is not allowed which ones are', () => {
    expect(adviceOn(answered(405, [['allow', 'GET, HEAD']]))?.whatToDo).toMatch(
      /no POST at this path, but GET, HEAD\./,
    );
  });

  it('of a refusal says that nothing is signed, where the webhook has no secret', () => {
    expect(adviceOn(answered(401), { active: true })?.whatToDo).toMatch(/has no secret/);
    expect(adviceOn(answered(401), { active: true, sealedSecret: 'x' })?.whatToDo).toMatch(/same secret/);
  });

  it('and what broke off after it are both told', () => {
    const attempt = failed({ class: 'timeout', message: 'Too slow' }, { response: answered(500).response });
    expect(adviceOn(attempt)?.happened).toBe('Too slow. The receiver answered 500 Internal Server Error.');
    expect(attemptLabel(attempt)).toBe('500');
  });
});

describe('a redirect', () => {
  it.each([
    ['https://www.hooks.example/in', 'https://www.hooks.example/in'],
    ['/elsewhere', 'https://hooks.example:8443/elsewhere'],
    ['//other.example', 'https://other.example/'],
    ['http://[broken', 'http://[broken'],
  ])('to %s names where it leads', (location, named) => {
    const advice = adviceOn(answered(301, [['location', location]]));
    expect(advice?.happened).toBe(
      `The receiver answered 301 Moved Permanently, to ${named}. Redirects are not followed.`,
    );
    expect(advice?.whatToDo).toMatch(/^Enter that URL as the payload URL, if it is yours/);
  });

  it('to a page to sign in is told as that', () => {
    expect(adviceOn(answered(302, [['location', '/users/sign_in?return=1']]))?.whatToDo).toMatch(/page to sign in/);
    expect(adviceOn(answered(303, [['location', '/Login']]))?.whatToDo).toMatch(/page to sign in/);
  });

  it('that leads nowhere is told as that', () => {
    expect(adviceOn(answered(302))).toMatchObject({
      happened: 'The receiver answered 302 Found.',
      whatToDo: expect.stringMatching(/leads nowhere/),
    });
    expect(adviceOn(answered(304, [['location', '/x']]))?.whatToDo).toMatch(/leads nowhere/);
  });
});

describe('what went wrong below HTTP', () => {
  test.each([
    ['CERT_HAS_EXPIRED', /Renew/],
    ['CERT_NOT_YET_VALID', /begins in the future/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /public authority.*not verify/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /fullchain/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /fullchain/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /must have the name hooks\.example among/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /TLS 1\.2 or 1\.3/],
    ['ECONNREFUSED', /Nothing listens at hooks\.example/],
    ['ECONNRESET', /crashed/],
    ['EHOSTUNREACH', /No way leads to hooks\.example/],
    ['HPE_HEADER_OVERFLOW', /fewer or shorter headers/],
    ['HPE_INVALID_CONSTANT', /web server listens/],
  ])('%s: %s', (code, whatToDo) => {
    expect(adviceOn(failedBy(code))?.whatToDo).toMatch(whatToDo);
  });

  it('a timeout was slow to connect, or to answer', () => {
    const connect = failed({ class: 'timeout', message: 'The receiver took no connection within 5 s' });
    const answer = failed({ class: 'timeout', message: 'The receiver did not answer within 15 s' });
    expect(adviceOn(connect)?.whatToDo).toMatch(/hooks\.example is up.*firewall/);
    expect(adviceOn(answer)?.whatToDo).toMatch(/slow.*2xx first/);
  });
});

describe('what comes next', () => {
  const down: AttemptError = { class: 'connection', message: 'Down' };
  test.each([
    ['retrying', true, /tried again by itself/],
    ['dead', true, /given up.*redeliver/],
    ['cancelled', true, /cancelled.*redeliver/],
    ['held', true, /released/],
    ['retrying', false, /until the webhook is activated/],
    ['dead', false, /until the webhook is activated/],
  ] as const)('%s, of a webhook that is active: %j', (status, active, next) => {
    expect(adviceOn(failed(down, { status }), { active })?.next).toMatch(next);
  });

  it('is nothing, where there is nothing to send or nobody to send it to', () => {
    for (const name of ['payload_gone', 'webhook_gone'] as const) {
      expect(adviceOn(failed({ class: name, message: 'Gone' }, { status: 'dead' }))?.next).toBe(
        'Nothing more is sent.',
      );
    }
  });

  it('after it was inactive depends on what the webhook is now', () => {
    const attempt = failed({ class: 'webhook_inactive', message: 'Inactive' }, { status: 'cancelled' });
    expect(adviceOn(attempt, { active: false })?.whatToDo).toMatch(/^Activate/);
    expect(adviceOn(attempt, { active: true })?.whatToDo).toMatch(/active again: redeliver/);
  });
});

test('whatever a receiver answers, nothing throws, and what it wrote stands on one line', () => {
  const value = fc.string({ unit: 'binary', maxLength: 400 });
  const headers = fc.array(fc.tuple(fc.constantFrom('location', 'retry-after', 'allow', 'Location'), value));
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 999 }), headers, value, (status, list, url) => {
      const attempt = { ...answered(status, list), request: { url, headers: [] } };
      const { happened = '', whatToDo = '' } = adviceOn(attempt) ?? {};
      expect(happened.length + whatToDo.length).toBeLessThan(1000);
      expect(`${happened}${whatToDo}`).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    }),
  );
});
