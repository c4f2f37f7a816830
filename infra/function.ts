import { AssetHashType, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  EventSourceMapping,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvOf, FunctionName } from '../functions/runtime/env.ts';
import { bundle, ROOT } from './bundle.ts';
import { FUNCTIONS, type FunctionSettings, type Source } from './functions.ts';
import { statementsOf, type Targets } from './grants.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

type FunctionDefaults = {
  readonly logLevel: LogLevel;
  /** What the function's own metrics are told from another deployment's by. */
  readonly serviceName: string;
  readonly logRetention: RetentionDays;
  /** What the grants of a function may name. */
  readonly targets: Targets;
};

export type WebhookFunctionProps<F extends FunctionName> = FunctionDefaults & {
  readonly name: F;
  /** All that the function reads from its environment, and nothing else. */
  readonly settings: EnvOf<F>;
  /** Where its network interfaces are; outside of any VPC where this is undefined. */
  readonly network?: { readonly vpc: IVpc; readonly subnets?: SubnetSelection } | undefined;
};

/** One of our functions: how it runs is in `functions.ts`, what it may do in `grants.ts`, what it is told in its settings. */
export class WebhookFunction<F extends FunctionName = FunctionName> extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: WebhookFunctionProps<F>) {
    super(scope, id);
    const { name, network } = props;
    const { description, memoryMb, timeoutSeconds, counts = false }: FunctionSettings = FUNCTIONS[name];
    this.logGroup = new LogGroup(this, 'Log', {
      retention: props.logRetention,
      // Of no use without the functions, and without a name that anybody would find it by.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the function ${name} of Djinn CI's webhooks may do`,
    });
    this.logGroup.grantWrite(role);
    for (const statement of statementsOf(name, props.targets)) role.addToPolicy(statement);
    if (network) {
      role.addToPolicy(networkInterfaces());
      Validations.of(role).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason: INTERFACES });
    }
    this.lambda = new LambdaFunction(this, 'Lambda', {
      description,
      code: codeOf(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      role,
      environment: { ...props.settings, ...(counts && { POWERTOOLS_SERVICE_NAME: props.serviceName }) },
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Lines that carry metrics have no level, and so count as INFO: above that, Lambda would drop them.
      applicationLogLevelV2: ApplicationLogLevel[counts && props.logLevel !== 'DEBUG' ? 'INFO' : props.logLevel],
      // No line for each start and end of an invocation: they would cost more than all else that is logged.
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(network && { vpc: network.vpc, vpcSubnets: network.subnets ?? {} }),
    });
  }

  /** Has Lambda invoke the function with the messages of a queue. */
  consume(queue: IQueue, { batchSize, batchingWindowSeconds, maximumConcurrency }: Source): EventSourceMapping {
    return new EventSourceMapping(this, 'Source', {
      target: this.lambda,
      eventSourceArn: queue.queueArn,
      batchSize,
      maxBatchingWindow: Duration.seconds(batchingWindowSeconds),
      maxConcurrency: maximumConcurrency,
      reportBatchItemFailures: true,
    });
  }
}

function codeOf(name: FunctionName): Code {
  return Code.fromAsset(ROOT, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the bundle is made in this process. The command is what tells one function's bundle from another's.
      image: Runtime.NODEJS_24_X.bundlingImage,
      command: [name],
      local: {
        tryBundle(folder) {
          bundle(name, folder);
          return true;
        },
      },
    },
  });
}

const INTERFACES =
  'What Lambda needs to put a function into a VPC: EC2 knows no resource to narrow that to before the interface exists.';

function networkInterfaces(): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
}
