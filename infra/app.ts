import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readSettings } from './context.ts';
import { SettingsError } from './settings-error.ts';
import { WebhooksStack } from './stack.ts';

const app = new App();
try {
  const settings = readSettings(app.node);
  new WebhooksStack(app, settings.stackName, { settings });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
