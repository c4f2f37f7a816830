import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  DomainName,
  HttpApi,
  type HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { idOf } from './pipeline.ts';

/** A name of the operator's own for the API. The certificate is of the same region. */
export type CustomDomain = { readonly name: string; readonly certificate: ICertificate };

export type ApiProps = {
  readonly domain?: CustomDomain | undefined;
  /** Requests that the API takes in a second, over all callers; twice as many for a moment. The others are answered 429. */
  readonly requestsPerSecond: number;
  readonly logRetention: RetentionDays;
};

/** What the access log says of a request: neither its query nor its headers, where secrets may be. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  status: '$context.status',
  ms: '$context.responseLatency',
  bytes: '$context.responseLength',
  error: '$context.integrationErrorMessage',
};

/** Why no route has an authorizer of the gateway's. */
const OPEN =
  'The functions ask for a token, or for the session of a browser, themselves: whoever has none gets the same 404 as for what is not there, ' +
  'which an authorizer would answer otherwise, and so tell what there is.';

/** The one door: an HTTP API, whose routes lead to functions. Callers show their tokens to the functions, not to the gateway. */
export class Api extends Construct {
  readonly http: HttpApi;
  readonly stage: HttpStage;
  readonly accessLog: LogGroup;
  /** What the URLs of the API begin with, without a slash at the end. */
  readonly url: string;
  /** What the DNS name of a custom domain must be an alias of. */
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, { domain, requestsPerSecond, logRetention }: ApiProps) {
    super(scope, id);
    this.http = new HttpApi(this, 'Http', {
      description: "Djinn CI's webhooks",
      createDefaultStage: false,
      // One name: a URL of the API as a payload URL is refused by that name.
      disableExecuteApiEndpoint: domain !== undefined,
    });
    const named =
      domain && new DomainName(this, 'Domain', { domainName: domain.name, certificate: domain.certificate });
    this.accessLog = new LogGroup(this, 'AccessLog', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: 2 * requestsPerSecond },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
      ...(named && { domainMapping: { domainName: named } }),
    });
    this.url = domain === undefined ? this.http.apiEndpoint : `https://${domain.name}`;
    this.domainTarget = named?.regionalDomainName;
  }

  /** Has requests answered by a function. A route is `$default`, which takes what no other does, or `ANY <path>`. */
  serve(name: string, lambda: IFunction, routes: readonly string[]): void {
    const integration = new HttpLambdaIntegration(`${idOf(name)}Integration`, lambda);
    routes.forEach((route, index) => {
      const made = new HttpRoute(this, `${idOf(name)}Route${index === 0 ? '' : index + 1}`, {
        httpApi: this.http,
        routeKey: routeKeyOf(route),
        integration,
      });
      Validations.of(made).acknowledge({ id: 'AwsSolutions-APIG4', reason: OPEN });
    });
  }
}

function routeKeyOf(route: string): HttpRouteKey {
  const [method = '', path] = route.split(' ');
  return path === undefined ? HttpRouteKey.DEFAULT : HttpRouteKey.with(path, method as HttpMethod);
}
