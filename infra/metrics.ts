import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../functions/runtime/env.ts';
import { METRIC_OF, METRICS_NAMESPACE } from '../functions/runtime/metrics.ts';
import type { Api } from './api.ts';
import type { WebhookFunction } from './function.ts';
import type { Pipeline } from './pipeline.ts';

/** What is watched of a deployment. */
export type Watched = {
  readonly pipeline: Pipeline;
  readonly api: Api;
  readonly functions: Readonly<Record<FunctionName, WebhookFunction>>;
  /** What its own metrics are told from another deployment's by. */
  readonly serviceName: string;
};

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const FIFTEEN_MINUTES = Duration.minutes(15);

/** Where fewer were not delivered, a share of them says nothing: one receiver that is down makes a large one of few. */
const UNDELIVERED_MIN = 50;

export type WebhookMetrics = ReturnType<typeof webhookMetrics>;

/** What a deployment is watched by: AWS's metrics of its parts, which cost nothing, and the few of our own. */
export function webhookMetrics({ pipeline: { queues }, api, functions, serviceName }: Watched) {
  const own = (what: keyof typeof METRIC_OF): IMetric =>
    new Metric({
      namespace: METRICS_NAMESPACE,
      metricName: METRIC_OF[what],
      dimensionsMap: { service: serviceName },
      statistic: 'Sum',
      period: FIVE_MINUTES,
    });

  /** Messages of deliveries that were done with, whatever came of them. */
  const handled = (): IMetric =>
    queues.deliveries.metricNumberOfMessagesDeleted({ label: 'Handled', statistic: 'Sum', period: FIVE_MINUTES });

  return {
    own,
    handled,

    /** Messages that wait in the events' dead-letter queue. */
    eventDeadLetters: (): IMetric =>
      queues['events-dead-letter'].metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: MINUTE }),

    /**
     * Messages that are taken from the deliveries' dead-letter queue, mostly at once, and those that wait in it. What is missing counts
     * as 0. To `FILL` it would hide it: SQS's metrics come late, until then a point would be 0, and an alarm looks at the newest.
     */
    deliveryDeadLetters: (): IMetric =>
      new MathExpression({
        label: 'Dead letters of deliveries',
        expression: 'taken + waiting',
        usingMetrics: {
          taken: queues['deliveries-dead-letter'].metricNumberOfMessagesReceived({ statistic: 'Sum' }),
          waiting: queues['deliveries-dead-letter'].metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
        },
        period: MINUTE,
      }),

    /** Seconds for which the oldest message of a queue has waited. */
    oldest: (queue: 'events' | 'deliveries'): IMetric =>
      queues[queue].metricApproximateAgeOfOldestMessage({ label: queue, statistic: 'Maximum', period: MINUTE }),

    /**
     * Attempts that failed or were held for their receivers' sake, in per cent of all messages of deliveries that were done with; 0 where
     * they are few. Of those that failed alone there would be less and less, the longer all receivers do: circuits open.
     */
    undeliveredShare: (): IMetric =>
      new MathExpression({
        label: 'Not delivered, %',
        expression: `IF(missed >= ${UNDELIVERED_MIN}, 100 * missed / IF(done > missed, done, missed), 0)`,
        usingMetrics: { missed: own('undelivered'), done: handled() },
        period: FIFTEEN_MINUTES,
      }),

    /** Requests that were answered with 5xx. */
    apiErrors: (): IMetric => api.stage.metricServerError({ label: '5xx', statistic: 'Sum', period: FIVE_MINUTES }),
    apiRequests: (): IMetric => api.stage.metricCount({ label: 'Requests', statistic: 'Sum', period: FIVE_MINUTES }),
    apiLatency: (): IMetric => api.stage.metricLatency({ label: 'p95', statistic: 'p95', period: FIVE_MINUTES }),

    /** Invocations of a function that failed or were not begun. */
    failures(name: FunctionName): IMetric {
      // In one graph of all functions each needs names of its own.
      const [errors, throttles] = [`errors_${name.replaceAll('-', '_')}`, `throttles_${name.replaceAll('-', '_')}`];
      return new MathExpression({
        label: name,
        expression: `${errors} + ${throttles}`,
        usingMetrics: {
          [errors]: functions[name].lambda.metricErrors({ statistic: 'Sum' }),
          [throttles]: functions[name].lambda.metricThrottles({ statistic: 'Sum' }),
        },
        period: FIVE_MINUTES,
      });
    },

    invocations: (name: FunctionName): IMetric =>
      functions[name].lambda.metricInvocations({ label: name, statistic: 'Sum', period: FIVE_MINUTES }),
    duration: (name: FunctionName): IMetric =>
      functions[name].lambda.metricDuration({ label: `${name}, p95`, statistic: 'p95', period: FIVE_MINUTES }),
    concurrency: (name: FunctionName): IMetric =>
      functions[name].lambda.metric('ConcurrentExecutions', { label: name, statistic: 'Maximum', period: MINUTE }),
  };
}
