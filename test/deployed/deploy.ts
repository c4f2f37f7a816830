import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT, REGION } from '../../infra/local/aws.ts';
import type { Hints, Outputs } from '../../infra/outputs.ts';
import type { Emulator } from './emulator.ts';
import { run } from './run.ts';

export const STACK = 'DjinnWebhooks';

/** As much of a template as is looked at. */
export type Template = {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
};

/** A stack's cloud assembly: its template, and the bundles of its functions. */
export type Assembly = { readonly folder: string; readonly template: Template };

/** Synthesises the stack as an operator does, for deliveries to a private network. */
export async function synthesise(folder: string, network: string): Promise<Assembly> {
  const output = join(folder, 'cdk.out');
  // The warning that functions outside of a VPC reach no private network is right, and not so here.
  await run('npm', ['run', 'synth', '--', '--output', output, '-c', `allowedNetworks=${network}`]);
  return {
    folder: output,
    template: JSON.parse(readFileSync(join(output, `${STACK}.template.json`), 'utf8')) as Template,
  };
}

/** Deploys it as an operator does, into an account that is bootstrapped for it. Answers the stack's outputs. */
export async function deploy({ env }: Emulator, { folder }: Assembly): Promise<Outputs & Hints> {
  const outputs = join(folder, 'outputs.json');
  const quiet = ['--app', folder, '--no-notices', '--ci'];
  await run('npm', ['exec', '--', 'cdk', 'bootstrap', `aws://${ACCOUNT}/${REGION}`, ...quiet], env);
  const unasked = ['--require-approval', 'never', '--outputs-file', outputs];
  await run('npm', ['run', 'deploy', '--', ...quiet, ...unasked], env);
  return (JSON.parse(readFileSync(outputs, 'utf8')) as Readonly<Record<typeof STACK, Outputs & Hints>>)[STACK];
}
