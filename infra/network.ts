import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/** A VPC that deliveries are sent from. Its subnets must reach AWS's services, by a NAT gateway or by endpoints, and the receivers. */
export type Network = { readonly vpc: IVpc; readonly subnets?: SubnetSelection };
