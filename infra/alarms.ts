import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/runtime/env.ts';
import { FUNCTIONS } from './functions.ts';
import type { WebhookMetrics } from './metrics.ts';
import { idOf } from './pipeline.ts';

/** Who is told when an alarm goes off and when it is over: an address, or a topic that there is. Without either the alarms only show. */
export type AlarmsTo = { readonly email?: string | undefined; readonly topic?: ITopic | undefined };

/** An alarm, in words: the section of docs/operations.md that says what to do, and what it means, in a sentence. */
type AlarmSpec = {
  readonly id: string;
  readonly section: string;
  readonly meaning: string;
  readonly metric: IMetric;
  /** It goes off at this and above, or, where `below`, under it. */
  readonly threshold: number;
  readonly below?: true;
  /** For how many of the metric's periods in a row. */
  readonly periods: number;
};

/** A message that waits for longer than this is behind what it was promised: a claimed retry is sent again after five minutes. */
const WAIT_MAX_SECONDS = 300;
const WAIT_MINUTES = 5;
const UNDELIVERED_SHARE_MAX_PERCENT = 50;
/** Of five minutes each. A burst that the table throttles is over before that; the ten receives are not. */
const HANDED_BACK_PERIODS = 3;
const API_ERRORS_MAX = 5;
/** Of one a crash or a new deployment may be the reason; the next invocation does its work. */
const FAILURES_MAX = 3;

/** An alarm for all that needs somebody to do something, and for nothing else. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: { readonly metrics: WebhookMetrics; readonly to: AlarmsTo }) {
    super(scope, id);
    const topic = this.topicOf(props.to);
    for (const spec of [...ofThePipeline(props.metrics), ...ofFunctions(props.metrics)]) {
      const alarm = new Alarm(this, spec.id, {
        alarmDescription: `${spec.meaning} What to do: docs/operations.md, "${spec.section}".`,
        metric: spec.metric,
        threshold: spec.threshold,
        evaluationPeriods: spec.periods,
        comparisonOperator: spec.below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // Of what should be there, silence is the alarm; of what should not be, it is all well.
        treatMissingData: spec.below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      if (topic === undefined) continue;
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
  }

  private topicOf({ email, topic }: AlarmsTo): ITopic | undefined {
    if (topic !== undefined || email === undefined) return topic;
    const made = new Topic(this, 'Topic', { displayName: "Alarms of Djinn CI's webhooks", enforceSSL: true });
    made.addSubscription(new EmailSubscription(email));
    // What `enforceSSL` writes takes the place of SNS's own policy, which would let the account's alarms publish.
    made.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [made.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return made;
  }
}

function ofThePipeline(metrics: WebhookMetrics): readonly AlarmSpec[] {
  return [
    {
      id: 'EventsDeadLetters',
      section: 'Events are dead letters',
      meaning: 'An event could not be read, or not be handled in ten tries: it has reached no webhook.',
      metric: metrics.eventDeadLetters(),
      threshold: 1,
      periods: 1,
    },
    {
      id: 'DeliveriesDeadLetters',
      section: 'Deliveries are dead letters',
      meaning:
        'A delivery could not be handled in ten tries, by a fault of ours: it ends dead, or cancelled where its webhook is inactive or gone, and says so in its log.',
      metric: metrics.deliveryDeadLetters(),
      threshold: 1,
      periods: 1,
    },
    {
      id: 'EventsWait',
      section: 'Events wait',
      meaning: 'For five minutes there have been events that waited for more than five: deliveries are late.',
      metric: metrics.oldest('events'),
      threshold: WAIT_MAX_SECONDS,
      periods: WAIT_MINUTES,
    },
    {
      id: 'DeliveriesWait',
      section: 'Deliveries wait',
      meaning: 'For five minutes there have been deliveries that waited for more than five in their queue.',
      metric: metrics.oldest('deliveries'),
      threshold: WAIT_MAX_SECONDS,
      periods: WAIT_MINUTES,
    },
    {
      id: 'AttemptsFail',
      section: 'Attempts fail',
      meaning:
        'Of what was due in a quarter of an hour half was not delivered, fifty or more: it failed, or was held because its receiver keeps failing or keeps us waiting. Either many receivers are down, or we are cut off.',
      metric: metrics.undeliveredShare(),
      threshold: UNDELIVERED_SHARE_MAX_PERCENT,
      periods: 1,
    },
    {
      id: 'DeliveriesUnsigned',
      section: 'Deliveries cannot be signed',
      meaning:
        'Secrets cannot be opened: deliveries are held for up to three days until they can be, and then end dead.',
      metric: metrics.own('unsigned'),
      threshold: 1,
      periods: 1,
    },
    {
      id: 'MessagesComeBack',
      section: 'Messages come back',
      meaning:
        'For a quarter of an hour deliveries could not be made or recorded, by a fault of ours. After half an hour of that they end dead.',
      metric: metrics.own('handedBack'),
      threshold: 1,
      periods: HANDED_BACK_PERIODS,
    },
    {
      id: 'ApiErrors',
      section: 'The API answers 5xx',
      meaning:
        'Five requests or more of five minutes were answered with 5xx: users are told that something went wrong on our side.',
      metric: metrics.apiErrors(),
      threshold: API_ERRORS_MAX,
      periods: 1,
    },
  ];
}

function ofFunctions(metrics: WebhookMetrics): readonly AlarmSpec[] {
  return (Object.keys(FUNCTIONS) as FunctionName[]).flatMap((name) => {
    const fails: AlarmSpec = {
      id: `${idOf(name)}Fails`,
      section: 'A function fails',
      meaning: `The function ${name} failed, ran out of time or was throttled three times or more in five minutes.`,
      metric: metrics.failures(name),
      threshold: FAILURES_MAX,
      periods: 1,
    };
    if (FUNCTIONS[name].trigger.kind !== 'schedule') return [fails];
    const stands: AlarmSpec = {
      id: `${idOf(name)}StandsStill`,
      section: 'A schedule stands still',
      meaning: `The function ${name}, which runs every minute, has not run for ten: what it sends does not go out.`,
      metric: metrics.invocations(name),
      threshold: 1,
      below: true,
      periods: 2,
    };
    return [fails, stands];
  });
}
