import { REGION } from '../../infra/local/aws.ts';

/** A line of a function's log. */
export type LogLine = { readonly logGroup: string; readonly atMs: number; readonly text: string };

/** What the emulator alone has functions warn of. */
const OF_THE_EMULATOR = /DEP0169|trace-deprecation|resolved endpoint=|useQueueUrlAsEndpoint=/;
const OF_THE_SERVICE = /^(START|END|REPORT|INIT_START) /;

/** What has been logged by all functions together, oldest first; the lines by the Lambda service itself, one and more per invocation, included. */
export async function functionLogs(url: string): Promise<readonly LogLine[]> {
  const { logGroups } = await ask<{ readonly logGroups: readonly { readonly logGroupName: string }[] }>(url, {
    action: 'DescribeLogGroups',
    input: {},
  });
  const all = await Promise.all(logGroups.map(({ logGroupName }) => linesOf(url, logGroupName)));
  return all
    .flat()
    .filter(({ text }) => !OF_THE_EMULATOR.test(text))
    .sort((one, other) => one.atMs - other.atMs);
}

/** Whether the Lambda service says so, and not the function. */
export function isOfTheService({ text }: LogLine): boolean {
  return OF_THE_SERVICE.test(text);
}

/** Whether it says that something failed on our side: a line of that level, or the first one of what was thrown. */
export function isError({ text }: LogLine): boolean {
  return /^\{"level":"(ERROR|CRITICAL)"/.test(text) || /^(Uncaught )?\w*Error\b/.test(text);
}

type LogEvent = { readonly timestamp: number; readonly message: string };
type Page = { readonly events: readonly LogEvent[]; readonly nextToken?: string };

async function linesOf(url: string, logGroup: string): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for (let nextToken: string | undefined; ; ) {
    const input = { logGroupName: logGroup, ...(nextToken === undefined ? {} : { nextToken }) };
    const page: Page = await ask<Page>(url, { action: 'FilterLogEvents', input });
    lines.push(...page.events.map(({ timestamp: atMs, message }) => ({ logGroup, atMs, text: message.trimEnd() })));
    if (page.nextToken === undefined) return lines;
    nextToken = page.nextToken;
  }
}

/** Asks the emulator's CloudWatch Logs, which looks at no signature: a client of the SDK for that alone would be one more dependency. */
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
