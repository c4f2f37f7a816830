import type { LambdaEvent } from 'hono/aws-lambda';

/** Events as AWS hands them to functions, in full, from its documentation. */

/** What a queue's messages are to a function (Lambda developer guide, "Example standard queue message event"). */
export function queueEvent(bodies: readonly string[]) {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `059f36b4-87a3-44ab-83d2-66197506250${index}`,
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1545082649183',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1545082649185',
      },
      messageAttributes: {},
      md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
      awsRegion: 'us-east-2',
    })),
  };
}

/** What EventBridge Scheduler sends where nothing else is said. */
export const SCHEDULED_EVENT = {
  version: '0',
  id: '6ed6c8d8-0d2e-4b6d-9d0a-6b1b1f0a6f44',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '123456789012',
  time: '2026-11-23T12:00:00Z',
  region: 'us-east-2',
  resources: ['arn:aws:scheduler:us-east-2:123456789012:schedule/default/retry'],
  detail: '{}',
};

type Request = {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly cookies?: readonly string[];
};

/** What a request is to a function behind an HTTP API (payload format 2.0): the raw path is decoded by nobody. */
export function gatewayEvent({ path, method, headers, body, cookies = [] }: Request): LambdaEvent {
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    cookies: [...cookies],
    headers,
    requestContext: {
      accountId: '123456789012',
      apiId: 'r3pmxmplak',
      authentication: null,
      authorizer: {},
      domainName: headers['host'] ?? '',
      domainPrefix: 'r3pmxmplak',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl/8' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '23/Nov/2026:12:00:00 +0000',
      timeEpoch: 1795435200000,
    },
    body: body ?? null,
    isBase64Encoded: false,
  };
  return event as unknown as LambdaEvent;
}
