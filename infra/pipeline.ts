import { Duration, Stack } from 'aws-cdk-lib';
import { EventBus, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, type ScheduleTargetConfig } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { QUEUES, type QueueName } from './queues.ts';

/** The bus that the CI's events come over: a new one by its name, or one that there is, which a stack leaves alone. */
export type BusChoice =
  | { readonly name: string; readonly existing?: undefined }
  | { readonly existing: IEventBus; readonly name?: undefined };

/** EventBridge's own most: a day of trying, until an event is a dead letter. */
const RULE_RETRIES = 185;
const RULE_PATIENCE = Duration.hours(24);

/** The way of an event until a function is invoked: the bus, its rule, and the queues. */
export class Pipeline extends Construct {
  readonly bus: EventBus | IEventBus;
  readonly queues: Readonly<Record<QueueName, Queue>>;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly bus: BusChoice; readonly eventSources: readonly string[] },
  ) {
    super(scope, id);
    const { bus, eventSources } = props;
    this.bus =
      bus.existing ??
      new EventBus(this, 'Bus', { eventBusName: bus.name, description: "Djinn CI's events, and the webhooks' own" });
    this.queues = makeQueues(this);
    new Rule(this, 'EventsRule', {
      description:
        "Djinn CI's events, to their webhooks. What the webhooks' service says on the bus itself must not match.",
      eventBus: this.bus,
      eventPattern: { source: [...eventSources] },
      targets: [
        new SqsQueue(this.queues.events, {
          retryAttempts: RULE_RETRIES,
          maxEventAge: RULE_PATIENCE,
          // Where the queue's own dead letters are: one place to look, and one command that sends them back.
          deadLetterQueue: this.queues['events-dead-letter'],
        }),
      ],
    });
  }
}

/** The queues of `queues.ts`, each after those that it refers to. */
function makeQueues(scope: Construct): Readonly<Record<QueueName, Queue>> {
  const made = new Map<QueueName, Queue>();
  const find = (name: QueueName): Queue => {
    const queue = made.get(name);
    if (queue === undefined) throw new Error(`The queue ${name} is referred to before it is made`);
    return queue;
  };
  for (const { name, visibilityTimeoutSeconds, retentionSeconds, deadLetter } of QUEUES) {
    const queue = new Queue(scope, idOf(name), {
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
      retentionPeriod: Duration.seconds(retentionSeconds),
      // By SQS's own keys: calls of KMS would cost as much as the queues.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      ...(deadLetter && {
        deadLetterQueue: { queue: find(deadLetter.queue), maxReceiveCount: deadLetter.maxReceives },
      }),
    });
    made.set(name, queue);
  }
  return {
    events: find('events'),
    deliveries: find('deliveries'),
    'events-dead-letter': find('events-dead-letter'),
    'deliveries-dead-letter': find('deliveries-dead-letter'),
  };
}

/** A function's schedule. A run that fails is not repeated: the next one does its work. */
export function runEvery(
  scope: Construct,
  id: string,
  props: { readonly minutes: number; readonly lambda: LambdaFunction },
) {
  const { minutes, lambda } = props;
  const period = Duration.minutes(minutes);
  lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: period });
  // Not the library's target: that one may invoke every version of the function, which takes a wildcard.
  const { account } = Stack.of(scope);
  const scheduler = new ServicePrincipal('scheduler.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: scheduler,
    description: "Runs a function of Djinn CI's webhooks",
  });
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }));
  const target: ScheduleTargetConfig = {
    arn: lambda.functionArn,
    role,
    retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: period.toSeconds() },
  };
  new Schedule(scope, id, { schedule: ScheduleExpression.rate(period), target: { bind: () => target } });
}

/** `events-dead-letter` as the id of a construct: EventsDeadLetter. */
export function idOf(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
