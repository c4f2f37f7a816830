import { Annotations, CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IVpc, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AlarmsTo } from './alarms.ts';
import type { CustomDomain } from './api.ts';
import type { Settings } from './context.ts';
import { DjinnWebhooks } from './djinn-webhooks.ts';
import { EgressNetwork, type Network } from './network.ts';

/** What the library warns of where subnets are named by their ids. */
const NO_ROUTES = '@aws-cdk/aws-ec2:noSubnetRouteTableId';

/** A stack of the webhooks alone, as its settings want it, with the outputs that the operator's command line finds it by. */
export class WebhooksStack extends Stack {
  readonly webhooks: DjinnWebhooks;

  constructor(scope: Construct, id: string, { settings, ...props }: StackProps & { readonly settings: Settings }) {
    super(scope, id, { description: "Djinn CI's webhooks", ...props });
    const logRetention: RetentionDays = settings.logRetentionDays ?? RetentionDays.ONE_MONTH;
    const network = this.networkOf(settings, logRetention);
    const { existingBusName } = settings;
    this.webhooks = new DjinnWebhooks(this, 'Webhooks', {
      ...settings,
      existingBus: existingBusName === undefined ? undefined : EventBus.fromEventBusName(this, 'Bus', existingBusName),
      domain: this.domainOf(settings),
      network,
      logRetention,
      alarmsTo: this.alarmsToOf(settings),
    });
    const { outputs, api } = this.webhooks;
    const more = {
      ...(api.domainTarget !== undefined && { DomainTarget: api.domainTarget }),
      ...(network instanceof EgressNetwork && { EgressIps: network.addresses.join(', ') }),
    };
    for (const [name, value] of Object.entries({ ...outputs, ...more })) new CfnOutput(this, name, { value });
  }

  private domainOf({ domainName, certificateArn }: Settings): CustomDomain | undefined {
    if (domainName === undefined || certificateArn === undefined) return undefined;
    return { name: domainName, certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn) };
  }

  private networkOf(settings: Settings, logRetention: RetentionDays): Network | undefined {
    const { vpcId, subnetIds = [], staticEgressIps } = settings;
    if (staticEgressIps !== undefined) {
      return new EgressNetwork(this, 'Egress', { addresses: staticEgressIps, logRetention });
    }
    if (vpcId === undefined) return undefined;
    // By its attributes: to look it up would take credentials. The zone is one of the region's, and nothing asks for it.
    const availabilityZones = [Fn.select(0, Fn.getAzs())];
    const vpc: IVpc = Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones });
    const subnets = subnetIds.map((subnetId, index) => Subnet.fromSubnetId(this, `Subnet${index + 1}`, subnetId));
    const reason = 'Nobody asks for their routes';
    for (const subnet of subnets) Annotations.of(subnet).acknowledgeWarning(NO_ROUTES, reason);
    return { vpc, subnets: { subnets } };
  }

  private alarmsToOf({ alarmEmail, alarmTopicArn }: Settings): AlarmsTo {
    const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn);
    return { email: alarmEmail, topic };
  }
}
