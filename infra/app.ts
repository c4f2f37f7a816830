import { App } from 'aws-cdk-lib';
import { WebhooksStack } from './stack.ts';

const app = new App();
new WebhooksStack(app, 'DjinnWebhooks', {});
app.synth();
