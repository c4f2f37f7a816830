import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTimeToLiveCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { local } from '../../infra/local/aws.ts';
import { STACK, type Template } from './deploy.ts';

/**
 * What the emulator's CloudFormation reads in a template and drops without a word, put right by what the template says. Everything else
 * is as deployed. Where it has learnt one of these, that fails, so that none of them outlives its reason.
 */
export async function fixUp(url: string, template: Template): Promise<readonly string[]> {
  const clients = {
    cloudformation: new CloudFormationClient(local(url)),
    sqs: new SQSClient(local(url)),
    dynamodb: new DynamoDBClient(local(url)),
  };
  const physicalIds = await findPhysicalIds(clients.cloudformation);
  const done: string[] = [];
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    const physicalId = physicalIds.get(id) ?? '';
    const { RedrivePolicy: redrive, TimeToLiveSpecification: timeToLive } = Properties;
    if (Type === 'AWS::SQS::Queue' && redrive !== undefined) {
      await setRedrive(clients.sqs, physicalId, { ...(redrive as RedrivePolicy), physicalIds });
      done.push(`RedrivePolicy of ${id}: the queue had no dead-letter queue`);
    }
    if (Type === 'AWS::DynamoDB::GlobalTable' && timeToLive !== undefined) {
      await setTimeToLive(clients.dynamodb, physicalId, timeToLive as TimeToLive);
      done.push(`TimeToLiveSpecification of ${id}: the table kept all for ever`);
    }
  }
  for (const client of Object.values(clients)) client.destroy();
  return done;
}

type RedrivePolicy = {
  readonly deadLetterTargetArn: { readonly 'Fn::GetAtt': readonly [string, 'Arn'] };
  readonly maxReceiveCount: number;
};
type TimeToLive = { readonly AttributeName: string; readonly Enabled: boolean };
type PhysicalIds = ReadonlyMap<string, string>;

async function findPhysicalIds(cloudformation: CloudFormationClient): Promise<PhysicalIds> {
  const { StackResources = [] } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName: STACK }));
  return new Map(
    StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
      LogicalResourceId,
      PhysicalResourceId,
    ]),
  );
}

async function setRedrive(
  sqs: SQSClient,
  QueueUrl: string,
  { deadLetterTargetArn, maxReceiveCount, physicalIds }: RedrivePolicy & { readonly physicalIds: PhysicalIds },
): Promise<void> {
  const attributesOf = async (url: string) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))).Attributes ?? {};
  if ((await attributesOf(QueueUrl))['RedrivePolicy'] !== undefined) throw learnt('RedrivePolicy');
  const [deadLetterQueue] = deadLetterTargetArn['Fn::GetAtt'];
  const { QueueArn } = await attributesOf(physicalIds.get(deadLetterQueue) ?? '');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}

async function setTimeToLive(
  dynamodb: DynamoDBClient,
  TableName: string,
  TimeToLiveSpecification: TimeToLive,
): Promise<void> {
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  if (TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') throw learnt('TimeToLiveSpecification');
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

function learnt(property: string): Error {
  return new Error(`The emulator does not drop ${property} any more: take that out of ${import.meta.filename}`);
}
