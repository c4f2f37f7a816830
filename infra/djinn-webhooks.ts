import { Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type EnvOf, type FunctionName, SETTINGS_OF } from '../functions/runtime/env.ts';
import { EVENT_SOURCE } from '../functions/transport/bus.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { makeDashboard } from './dashboard.ts';
import { WebhookFunction } from './function.ts';
import { FUNCTIONS, type FunctionSettings } from './functions.ts';
import { webhookMetrics } from './metrics.ts';
import type { Hints, Outputs } from './outputs.ts';
import { idOf, Pipeline, runEvery } from './pipeline.ts';
import { checkProps, type DjinnWebhooksProps } from './props.ts';
import { Storage } from './storage.ts';

const REQUESTS_PER_SECOND = 200;

/**
 * Djinn CI's webhooks, whole: what an event of the CI's goes through until it has arrived at its receivers, the API and the console.
 * Throws where what it is given cannot be meant.
 */
export class DjinnWebhooks extends Construct {
  readonly storage: Storage;
  readonly pipeline: Pipeline;
  readonly api: Api;
  readonly functions: Readonly<Record<FunctionName, WebhookFunction>>;
  readonly outputs: Outputs & Hints;

  constructor(scope: Construct, id: string, props: DjinnWebhooksProps = {}) {
    super(scope, id);
    checkProps(this, props);
    const { logRetention = RetentionDays.ONE_MONTH, eventSources = [] } = props;
    const serviceName = Stack.of(this).stackName;
    this.storage = new Storage(this, 'Storage');
    this.pipeline = new Pipeline(this, 'Pipeline', {
      bus: props.existingBus ? { existing: props.existingBus } : { name: props.busName ?? EVENT_SOURCE },
      // Always that of `POST /events`, too.
      eventSources: [...new Set([EVENT_SOURCE, ...eventSources])],
    });
    this.api = new Api(this, 'Api', {
      domain: props.domain,
      requestsPerSecond: props.requestsPerSecond ?? REQUESTS_PER_SECOND,
      logRetention,
    });
    this.functions = this.makeFunctions({ ...props, logRetention, serviceName });
    this.connect(props.maximumConcurrency);
    const { pipeline, api, functions } = this;
    const metrics = webhookMetrics({ pipeline, api, functions, serviceName });
    new Alarms(this, 'Alarms', { metrics, to: props.alarmsTo ?? {} });
    this.outputs = this.describe(makeDashboard(this, 'Dashboard', metrics));
  }

  /**
   * Lets a producer of this account send events to the events queue itself, past the bus: docs/operations.md says how, and what
   * that saves and takes away. Like the bus, the queue believes what it is sent.
   */
  grantSendEvents(producer: IGrantable): Grant {
    const { queueArn } = this.pipeline.queues.events;
    return Grant.addToPrincipal({ grantee: producer, actions: ['sqs:SendMessage'], resourceArns: [queueArn] });
  }

  private makeFunctions(
    props: DjinnWebhooksProps & { readonly logRetention: RetentionDays; readonly serviceName: string },
  ): Readonly<Record<FunctionName, WebhookFunction>> {
    const { network, logLevel = 'INFO', logRetention, serviceName } = props;
    const { table, key } = this.storage;
    const { bus, queues } = this.pipeline;
    const settings: EnvOf<FunctionName> = {
      TABLE_NAME: table.tableName,
      DELIVERIES_QUEUE_URL: queues.deliveries.queueUrl,
      EVENTS_DEAD_LETTER_QUEUE_URL: queues['events-dead-letter'].queueUrl,
      EVENT_BUS_NAME: bus.eventBusName,
      KMS_KEY_ID: key.keyId,
      ALLOWED_NETWORKS: (props.allowedNetworks ?? []).join(','),
      ALLOW_INSECURE_TLS: String(props.allowInsecureTls ?? false),
      PUBLIC_URL: this.api.url,
    };
    const make = <F extends FunctionName>(name: F) =>
      new WebhookFunction<F>(this, `${idOf(name)}Function`, {
        name,
        settings: settingsOf(name, settings),
        logLevel,
        logRetention,
        serviceName,
        targets: { table, key, bus, queues },
        // It alone sends to receivers.
        network: name === 'deliver' ? network : undefined,
      });
    return {
      api: make('api'),
      console: make('console'),
      ingest: make('ingest'),
      deliver: make('deliver'),
      retry: make('retry'),
      recover: make('recover'),
      'dead-letter': make('dead-letter'),
    };
  }

  /** Connects each function with what has it run. */
  private connect(maximumConcurrency: number | undefined): void {
    for (const [name, made] of Object.entries(this.functions)) {
      const { trigger }: FunctionSettings = FUNCTIONS[name as FunctionName];
      if (trigger.kind === 'http') this.api.serve(name, made.lambda, trigger.routes);
      if (trigger.kind === 'schedule') {
        runEvery(this, `${idOf(name)}Schedule`, { minutes: trigger.everyMinutes, lambda: made.lambda });
      }
      if (trigger.kind === 'queue') {
        const isDeliver = name === 'deliver' && maximumConcurrency !== undefined;
        made.consume(this.pipeline.queues[trigger.queue], isDeliver ? { ...trigger, maximumConcurrency } : trigger);
      }
    }
  }

  private describe({ dashboardName }: Dashboard): Outputs & Hints {
    const { queues, bus } = this.pipeline;
    const { region, stackName } = Stack.of(this);
    return {
      ApiUrl: this.api.url,
      ConsoleUrl: `${this.api.url}/console`,
      TableName: this.storage.table.tableName,
      KmsKeyId: this.storage.key.keyId,
      EventBusName: bus.eventBusName,
      EventsQueueUrl: queues.events.queueUrl,
      EventsDeadLetterQueueUrl: queues['events-dead-letter'].queueUrl,
      DeliveriesQueueUrl: queues.deliveries.queueUrl,
      DeliveriesDeadLetterQueueUrl: queues['deliveries-dead-letter'].queueUrl,
      DashboardUrl: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName}`,
      FirstTokenCommand: `npm run ctl -- --stack ${stackName} token create admin`,
      EmitCommand: `aws events put-events --entries '${sampleEntries(bus.eventBusName)}'`,
    };
  }
}

/** What of the settings a function reads. */
function settingsOf<F extends FunctionName>(name: F, settings: EnvOf<FunctionName>): EnvOf<F> {
  return Object.fromEntries(SETTINGS_OF[name].map((setting) => [setting, settings[setting]])) as EnvOf<F>;
}

/** An event that anyone may put on the bus to see that it works: of the namespace that was made first. */
function sampleEntries(bus: string): string {
  const detail = JSON.stringify({ namespace_id: 1, payload: { id: 1 } });
  return JSON.stringify([{ EventBusName: bus, Source: EVENT_SOURCE, DetailType: 'build.started', Detail: detail }]);
}
