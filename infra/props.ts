import { Annotations, Token } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { destinationPolicy } from '../functions/domain/destination.ts';
import { OWN_SOURCE } from '../functions/transport/bus.ts';
import type { AlarmsTo } from './alarms.ts';
import type { CustomDomain } from './api.ts';
import type { LogLevel } from './function.ts';
import type { Network } from './network.ts';
import { SettingsError } from './settings-error.ts';

/** All of it has a safe default: `new DjinnWebhooks(this, 'Webhooks')` is a whole system. */
export type DjinnWebhooksProps = {
  /** Name of the bus that is made for the CI's events: `djinn-ci` unless it is said otherwise. */
  readonly busName?: string | undefined;
  /** A bus that there is, in place of a new one. */
  readonly existingBus?: IEventBus | undefined;
  /** Sources whose events are delivered beside those of `djinn-ci`, which `POST /events` sends. */
  readonly eventSources?: readonly string[] | undefined;
  /** The API's own name, in place of the API Gateway's. */
  readonly domain?: CustomDomain | undefined;
  /** Where deliveries are sent from: AWS's addresses, outside of any VPC, unless it is said otherwise. */
  readonly network?: Network | undefined;
  /** CIDRs of private receivers, such as `10.1.0.0/16`, which `network` must reach. None unless it is said otherwise. */
  readonly allowedNetworks?: readonly string[] | undefined;
  /** Whether users may let a webhook go without checking its receiver's certificate. They may not unless it is said otherwise. */
  readonly allowInsecureTls?: boolean | undefined;
  /** Batches of ten deliveries that are worked on at once: 50 unless it is said otherwise. */
  readonly maximumConcurrency?: number | undefined;
  /** Requests that the API takes in a second, over all callers: 200 unless it is said otherwise. */
  readonly requestsPerSecond?: number | undefined;
  /** From which level on the functions log: `INFO` unless it is said otherwise. Nothing is logged of a success at any level. */
  readonly logLevel?: LogLevel | undefined;
  /** How long the logs are kept: a month unless it is said otherwise. Deliveries and payloads are kept as docs/limits.md says. */
  readonly logRetention?: RetentionDays | undefined;
  /** Who is told of alarms: nobody unless it is said otherwise. */
  readonly alarmsTo?: AlarmsTo | undefined;
};

/** Lambda's bounds for an event source of SQS. */
const CONCURRENCY_MIN = 2;
const CONCURRENCY_MAX = 1000;
/** What API Gateway gives to an account. */
const REQUESTS_PER_SECOND_MAX = 10_000;

/** Lambda has 4 KB for all that a function is told by its environment. */
const NETWORKS_LENGTH_MAX = 2000;

const BUS_NAME = /^[\w./-]{1,256}$/;
const SOURCE = /^[\w./-]{1,256}$/;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Checks what can be known before anything is deployed. Throws SettingsError; warns of what may be meant. */
export function checkProps(scope: Construct, props: DjinnWebhooksProps): void {
  const problems = [
    ...busProblems(props),
    ...networkProblems(props),
    ...numberProblems(props),
    ...otherProblems(props),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  if (props.allowedNetworks?.length && props.network === undefined) {
    const sentence =
      'Functions outside of a VPC reach no private network: name the VPC that reaches the allowedNetworks';
    Annotations.of(scope).addWarningV2('djinn-webhooks:networksWithoutVpc', sentence);
  }
}

function busProblems({ busName, existingBus, eventSources }: DjinnWebhooksProps): string[] {
  const problems: string[] = [];
  if (busName !== undefined && existingBus !== undefined) {
    problems.push('busName names a new bus, and existingBus one that there is: give one of them');
  }
  if (busName === 'default') problems.push('busName: the default bus is there already; name it as the existing one');
  if (isBad(busName, BUS_NAME))
    problems.push(`busName: ${quoted(busName)} is no name of a bus: letters, digits and . - _ / only`);
  for (const source of eventSources ?? []) {
    if (source === OWN_SOURCE)
      problems.push(`eventSources: ${source} is the service's own, and its events would come back to it`);
    else if (isBad(source, SOURCE))
      problems.push(`eventSources: ${quoted(source)} is no source of events: letters, digits and . - _ / only`);
    else if (source.startsWith('aws.')) problems.push(`eventSources: ${source} is AWS's, and on the default bus alone`);
  }
  return problems;
}

function networkProblems({ allowedNetworks = [] }: DjinnWebhooksProps): string[] {
  const tooLong =
    allowedNetworks.join(',').length > NETWORKS_LENGTH_MAX
      ? [`allowedNetworks: more than ${NETWORKS_LENGTH_MAX} characters; name wider networks`]
      : [];
  return [...tooLong, ...allowedNetworks.flatMap(networkProblem)];
}

function networkProblem(network: string): string[] {
  try {
    const [address = ''] = network.split('/');
    const isAll = /^(0\.0\.0\.0|::)$/.test(address);
    if (isAll || destinationPolicy({ allowedNetworks: [network] }).admitsAddress(address)) return [];
    return [`allowedNetworks: ${network} stays closed: no delivery goes to loopback, link-local or metadata addresses`];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [`allowedNetworks: ${quoted(network)} is no network in CIDR notation, such as 10.1.0.0/16`];
  }
}

function numberProblems({ maximumConcurrency, requestsPerSecond }: DjinnWebhooksProps): string[] {
  return [
    ...outside('maximumConcurrency', maximumConcurrency, [CONCURRENCY_MIN, CONCURRENCY_MAX]),
    ...outside('requestsPerSecond', requestsPerSecond, [1, REQUESTS_PER_SECOND_MAX]),
  ];
}

function outside(name: string, value: number | undefined, [min, max]: readonly [number, number]): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
  return [`${name}: must be a whole number from ${min} to ${max}, not ${value}`];
}

function otherProblems({ domain, alarmsTo = {} }: DjinnWebhooksProps): string[] {
  const problems: string[] = [];
  if (isBad(domain?.name, DOMAIN))
    problems.push(`domain: ${quoted(domain?.name)} is no domain name, such as hooks.example.com`);
  if (alarmsTo.email !== undefined && alarmsTo.topic !== undefined) {
    problems.push('alarmsTo: a topic has its own subscribers; give an e-mail address or a topic');
  }
  if (isBad(alarmsTo.email, EMAIL)) problems.push(`alarmsTo: ${quoted(alarmsTo.email)} is no e-mail address`);
  return problems;
}

/** What is only known at deployment cannot be checked. */
function isBad(text: string | undefined, form: RegExp): boolean {
  return text !== undefined && !Token.isUnresolved(text) && !form.test(text);
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text);
}
