import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DjinnWebhooks, type DjinnWebhooksProps } from './djinn-webhooks.ts';

/** A stack of the webhooks alone, with the outputs that the operator's command line finds it by. */
export class WebhooksStack extends Stack {
  readonly webhooks: DjinnWebhooks;

  constructor(
    scope: Construct,
    id: string,
    { webhooks, ...props }: StackProps & { readonly webhooks?: DjinnWebhooksProps },
  ) {
    super(scope, id, props);
    this.webhooks = new DjinnWebhooks(this, 'Webhooks', webhooks);
    for (const [name, value] of Object.entries(this.webhooks.outputs)) new CfnOutput(this, name, { value });
  }
}
