import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Trouble } from '../actions/trouble.ts';

/** Where the service's own metrics are, with the name of the stack as the dimension `service`. */
export const METRICS_NAMESPACE = 'DjinnWebhooks';

/** The metric of each count. Of what is well there is none: SQS and Lambda count that, and a line for each batch would cost more. */
export const METRIC_OF = {
  failed: 'AttemptsFailed',
  dead: 'DeliveriesDead',
  held: 'DeliveriesHeld',
  undelivered: 'DeliveriesUndelivered',
  unsigned: 'DeliveriesUnsigned',
  handedBack: 'MessagesHandedBack',
} as const satisfies Record<keyof Trouble, string>;

let metrics: Metrics | undefined;

/** Counts what of a batch was not well, by one line of the log in CloudWatch's embedded metric format. What is 0 is left out. */
export function countInLog(trouble: Trouble): void {
  metrics ??= new Metrics({ namespace: METRICS_NAMESPACE });
  for (const [what, name] of Object.entries(METRIC_OF)) {
    const number = trouble[what as keyof Trouble];
    if (number > 0) metrics.addMetric(name, MetricUnit.Count, number);
  }
  metrics.publishStoredMetrics();
}
