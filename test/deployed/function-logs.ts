import { REGION } from '../../infra/local/aws.ts';

type LogEvent = { readonly timestamp: number; readonly message: string };

/** What the Lambda service itself says of each invocation, and what only the emulator has functions warn of. */
const ROUTINE = /^(START|END|REPORT|INIT_START) |DEP0169|trace-deprecation|resolved endpoint=|useQueueUrlAsEndpoint=/;

/** What the functions have logged, all of them together, oldest first: a line each, after the name of its log group. */
export async function functionLogs(url: string): Promise<readonly string[]> {
  const { logGroups } = await ask<{ readonly logGroups: readonly { readonly logGroupName: string }[] }>(url, {
    action: 'DescribeLogGroups',
    input: {},
  });
  const all = await Promise.all(
    logGroups.map(async ({ logGroupName }) => {
      const input = { logGroupName };
      const { events } = await ask<{ readonly events: readonly LogEvent[] }>(url, { action: 'FilterLogEvents', input });
      return events.map((event) => ({ ...event, logGroupName }));
    }),
  );
  return all
    .flat()
    .filter(({ message }) => !ROUTINE.test(message))
    .sort((one, other) => one.timestamp - other.timestamp)
    .map(({ logGroupName, message }) => `${logGroupName}: ${message.trimEnd()}`);
}

/** Asks the emulator's CloudWatch Logs, which looks at no signature: it takes no client of the SDK for that alone. */
async function ask<T>(url: string, { action, input }: { readonly action: string; readonly input: object }): Promise<T> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Logs_20140328.${action}`,
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/logs/aws4_request, SignedHeaders=host, Signature=0`,
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`${action} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
