import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OUTPUT_NAMES } from '../../infra/outputs.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** A team's own CDK app, as docs/operations.md has it: this repository is a folder of it, and both have one `aws-cdk-lib`. */
const APP = `
  import { App, CfnOutput, Stack } from 'aws-cdk-lib';
  import { DjinnWebhooks } from './webhooks/infra/djinn-webhooks.ts';
  const app = new App({ outdir: 'out' });
  const stack = new Stack(app, 'OurCi');
  const { outputs } = new DjinnWebhooks(stack, 'Webhooks', { maximumConcurrency: 20 });
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
  app.synth();
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'djinn-app-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a team has the construct in a CDK app of its own, wherever that stands, with outputs that the command line finds it by', async () => {
  for (const part of ['functions', 'infra', 'package.json']) {
    cpSync(join(REPOSITORY, part), join(folder, 'webhooks', part), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "workspaces": ["webhooks"] }');
  writeFileSync(join(folder, 'app.ts'), APP);
  await promisify(execFile)(process.execPath, ['app.ts'], { cwd: folder });
  const template = JSON.parse(readFileSync(join(folder, 'out', 'OurCi.template.json'), 'utf8')) as {
    readonly Outputs: Readonly<Record<string, unknown>>;
    readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
  };
  expect(Object.keys(template.Outputs)).toEqual(expect.arrayContaining([...OUTPUT_NAMES]));
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  expect(functions).toHaveLength(7);
});
