import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  NatProvider,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** A VPC that deliveries are sent from. Its subnets must reach AWS's services, by a NAT gateway or by endpoints, and the receivers. */
export type Network = { readonly vpc: IVpc; readonly subnets?: SubnetSelection };

/** A VPC with fixed addresses, for receivers that admit none but known ones. Each address is a NAT gateway, in a zone of its own. */
export class EgressNetwork extends Construct implements Network {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  /** What receivers have to admit. */
  readonly addresses: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    props: { readonly addresses: number; readonly logRetention: RetentionDays },
  ) {
    super(scope, id);
    const eips = Array.from({ length: props.addresses }, (_, index) => new CfnEIP(this, `Address${index + 1}`));
    for (const eip of eips) Tags.of(eip).add('Name', "Djinn CI's webhooks");
    this.addresses = eips.map((eip) => eip.attrPublicIp);
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.94.0.0/22'),
      maxAzs: Math.max(2, props.addresses),
      natGateways: props.addresses,
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: eips.map((eip) => eip.attrAllocationId) }),
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'Deliver', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
      // By a function of the library's own, which would be the only one here that is not ours. Nothing uses that group.
      restrictDefaultSecurityGroup: false,
      // Past the NAT gateway, which bills each byte.
      gatewayEndpoints: { DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
    });
    vpc.addFlowLog('Refused', {
      trafficType: FlowLogTrafficType.REJECT,
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'FlowLog', { retention: props.logRetention, removalPolicy: RemovalPolicy.DESTROY }),
      ),
    });
    // The library's own types do not know of `exactOptionalPropertyTypes`.
    this.vpc = vpc as IVpc;
  }
}
