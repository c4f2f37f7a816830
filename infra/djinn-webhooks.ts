import { Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type EnvOf, type FunctionName, SETTINGS_OF } from '../functions/runtime/env.ts';
import { EVENT_SOURCE } from '../functions/transport/bus.ts';
import { Api, type CustomDomain } from './api.ts';
import { type LogLevel, WebhookFunction } from './function.ts';
import { FUNCTIONS } from './functions.ts';
import type { Network } from './network.ts';
import type { Hints, Outputs } from './outputs.ts';
import { idOf, Pipeline, runEvery } from './pipeline.ts';
import { Storage } from './storage.ts';

/** All of it has a safe default: `new DjinnWebhooks(this, 'Webhooks')` is a whole system. */
export type DjinnWebhooksProps = {
  /** Name of the bus that is made for the CI's events: `djinn-ci` unless it is said otherwise. */
  readonly busName?: string;
  /** A bus that there is, in place of a new one. */
  readonly existingBus?: IEventBus;
  /** Sources whose events are delivered: `djinn-ci` unless it is said otherwise. */
  readonly eventSources?: readonly string[];
  /** The API's own name, in place of the API Gateway's. */
  readonly domain?: CustomDomain;
  /** Where deliveries are sent from: AWS's addresses, outside of any VPC, unless it is said otherwise. */
  readonly network?: Network;
  /** CIDRs of private receivers, such as `10.1.0.0/16`, which `network` must reach. None unless it is said otherwise. */
  readonly allowedNetworks?: readonly string[];
  /** Whether users may let a webhook go without checking its receiver's certificate. They may not unless it is said otherwise. */
  readonly allowInsecureTls?: boolean;
  /** Batches of ten deliveries that are worked on at once. */
  readonly maximumConcurrency?: number;
  /** Requests that the API takes in a second, over all callers. */
  readonly requestsPerSecond?: number;
  /** From which level on the functions log: `INFO` unless it is said otherwise. Nothing is logged of a success at any level. */
  readonly logLevel?: LogLevel;
  /** How long the logs are kept: a month unless it is said otherwise. Deliveries and payloads are kept as docs/limits.md says. */
  readonly logRetention?: RetentionDays;
};

const REQUESTS_PER_SECOND = 200;

/** Djinn CI's webhooks, whole: what an event of the CI's goes through until it has arrived at its receivers, and the API. */
export class DjinnWebhooks extends Construct {
  readonly storage: Storage;
  readonly pipeline: Pipeline;
  readonly api: Api;
  readonly functions: Readonly<Record<FunctionName, WebhookFunction>>;
  readonly outputs: Outputs & Hints;

  constructor(scope: Construct, id: string, props: DjinnWebhooksProps = {}) {
    super(scope, id);
    const { logRetention = RetentionDays.ONE_MONTH } = props;
    this.storage = new Storage(this, 'Storage');
    this.pipeline = new Pipeline(this, 'Pipeline', {
      bus: props.existingBus ? { existing: props.existingBus } : { name: props.busName ?? EVENT_SOURCE },
      eventSources: props.eventSources ?? [EVENT_SOURCE],
    });
    this.api = new Api(this, 'Api', {
      domain: props.domain,
      requestsPerSecond: props.requestsPerSecond ?? REQUESTS_PER_SECOND,
      logRetention,
    });
    this.functions = this.makeFunctions({ ...props, logRetention });
    this.connect(props.maximumConcurrency);
    this.outputs = this.describe(props.eventSources?.[0] ?? EVENT_SOURCE);
  }

  private makeFunctions(
    props: DjinnWebhooksProps & { readonly logRetention: RetentionDays },
  ): Readonly<Record<FunctionName, WebhookFunction>> {
    const { network, logLevel = 'INFO', logRetention } = props;
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
      const { trigger } = FUNCTIONS[name as FunctionName];
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

  private describe(source: string): Outputs & Hints {
    const { queues, bus } = this.pipeline;
    const stack = Stack.of(this).stackName;
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
      FirstTokenCommand: `npm run ctl -- --stack ${stack} token create admin`,
      EmitCommand: `aws events put-events --entries '${sampleEntries({ bus: bus.eventBusName, source })}'`,
    };
  }
}

/** What of the settings a function reads. */
function settingsOf<F extends FunctionName>(name: F, settings: EnvOf<FunctionName>): EnvOf<F> {
  return Object.fromEntries(SETTINGS_OF[name].map((setting) => [setting, settings[setting]])) as EnvOf<F>;
}

/** An event that anyone may put on the bus to see that it works: of the namespace that was made first. */
function sampleEntries({ bus, source }: { readonly bus: string; readonly source: string }): string {
  const detail = JSON.stringify({ namespace_id: 1, payload: { id: 1 } });
  return JSON.stringify([{ EventBusName: bus, Source: source, DetailType: 'build.started', Detail: detail }]);
}
