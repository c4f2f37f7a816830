import { PRICES } from './prices.ts';

/** What AWS bills, in its own units; the sum of several, or a share. */
export type Usage = {
  readonly busEvents: number;
  readonly sqsRequests: number;
  /** Those of the requests that send to message groups. */
  readonly sqsFairRequests: number;
  readonly wru: number;
  readonly rru: number;
  readonly kmsCalls: number;
  readonly invocations: number;
  readonly gbSeconds: number;
  readonly logBytes: number;
  /** Of the table, for a month. */
  readonly storedByteMonths: number;
  readonly sentBytes: number;
};

const GB = 1_000_000_000;

/** What each part of a usage costs, in USD, by what it is called in tables. */
export function billOf(usage: Usage): Readonly<Record<string, number>> {
  return {
    'DynamoDB: writes': usage.wru * PRICES.wru,
    'EventBridge: events': usage.busEvents * PRICES.busEvent,
    'SQS: requests': usage.sqsRequests * PRICES.sqsRequest + usage.sqsFairRequests * PRICES.sqsFairRequest,
    'Bytes to the internet': (usage.sentBytes / GB) * PRICES.sentGb,
    'DynamoDB: storage': (usage.storedByteMonths / GB) * PRICES.storedGbMonth,
    'DynamoDB: backups': (usage.storedByteMonths / GB) * PRICES.backedUpGbMonth,
    'DynamoDB: reads': usage.rru * PRICES.rru,
    'Lambda: time': usage.gbSeconds * PRICES.gbSecond,
    'Lambda: invocations': usage.invocations * PRICES.invocation,
    'KMS: calls': usage.kmsCalls * PRICES.kmsCall,
    'CloudWatch: log': (usage.logBytes / GB) * PRICES.logGb,
  };
}

/** What a usage costs in all, in USD. */
export function totalOf(usage: Usage): number {
  return Object.values(billOf(usage)).reduce((sum, usd) => sum + usd, 0);
}
