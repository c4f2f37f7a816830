import { Dashboard, GraphWidget, type IMetric, PeriodOverride, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FunctionName } from '../functions/runtime/env.ts';
import { FUNCTIONS } from './functions.ts';
import type { WebhookMetrics } from './metrics.ts';

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
/** In columns of a dashboard, which has 24. */
const HALF = 12;
const FULL = 24;

/** One page that answers: do events arrive, do deliveries get through, and what holds them up. */
export function makeDashboard(scope: Construct, id: string, metrics: WebhookMetrics): Dashboard {
  return new Dashboard(scope, id, {
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [
        new TextWidget({
          markdown: "# Djinn CI's webhooks\nWhat to do about what: docs/operations.md",
          width: FULL,
          height: 2,
        }),
      ],
      [
        graph('Waiting, seconds', [metrics.oldest('events'), metrics.oldest('deliveries')]),
        graph('Dead letters', [metrics.eventDeadLetters(), metrics.deliveryDeadLetters()]),
      ],
      [
        graph('Deliveries', [
          metrics.handled(),
          metrics.own('failed'),
          metrics.own('undelivered'),
          metrics.own('held'),
          metrics.own('unsigned'),
          metrics.own('dead'),
          metrics.own('handedBack'),
        ]),
        graph('Not delivered, %', [metrics.undeliveredShare()]),
      ],
      [graph('API', [metrics.apiRequests(), metrics.apiErrors()]), graph('API, milliseconds', [metrics.apiLatency()])],
      [
        graph('Functions: failed or throttled', NAMES.map(metrics.failures)),
        graph('Functions: at once', [metrics.concurrency('ingest'), metrics.concurrency('deliver')]),
      ],
      [
        graph('Functions: invocations', NAMES.map(metrics.invocations)),
        graph('Functions: milliseconds', NAMES.map(metrics.duration)),
      ],
    ],
  });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: HALF, leftYAxis: { min: 0 } });
}
