/**
 * List prices of AWS in us-east-1, in USD, without the free tier and without discounts for volume, as they were read between March and
 * November 2026.
 */
export const PRICES = {
  /** An event on a custom bus (classic), for each 64 KB. cloudburn.io/blog/amazon-eventbridge-pricing, 2026-03-13. */
  busEvent: 1.0 / 1_000_000,
  /** A request to a standard queue, for each 64 KB. AWS Price List, AWSQueueService; factualminds.com, 2026-06-13. */
  sqsRequest: 0.4 / 1_000_000,
  /** What a request that sends to message groups of a standard queue costs more (fair queues); whether others do, too, the list does not say. AWS Price List; cloudburn.io, 2026-03-14. */
  sqsFairRequest: 0.1 / 1_000_000,
  /** AWS Price List, AWSLambda, of 2026-09-19. */
  invocation: 0.2 / 1_000_000,
  /** On arm64. AWS Price List, AWSLambda, of 2026-09-19. */
  gbSecond: 13.3334 / 1_000_000,
  /** A write request unit, on demand: 1 KB. github.com/aws/agent-toolkit-for-aws, calculate_costs.py, 2026-08-20. */
  wru: 0.625 / 1_000_000,
  /** A read request unit, on demand: 4 KB, consistent; half of one where it is not. The same source. */
  rru: 0.125 / 1_000_000,
  /** The table's storage, class Standard. The same source. */
  storedGbMonth: 0.25,
  /** Point-in-time recovery, of as much as is stored. From memory of the price list. */
  backedUpGbMonth: 0.2,
  /** aws.amazon.com/kms/pricing; factualminds.com, June 2026. */
  kmsCall: 0.03 / 10_000,
  /** CloudWatch Logs, class Standard. hykell.com and duckbillgroup.com on the tiers since 2025-05-01. */
  logGb: 0.5,
  /** Out to the internet, the first 10 TB of a month. AWS Price List; cloudburn.io, 2026-02-24. */
  sentGb: 0.09,
} as const;
