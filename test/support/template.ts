import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ROOT } from '../../infra/bundle.ts';
import type { Settings } from '../../infra/context.ts';
import { WebhooksStack } from '../../infra/stack.ts';

export type Json = Readonly<Record<string, unknown>>;
type Resource = { readonly Type: string; readonly Properties: Json };

/** A synthesised stack, as its template has it. */
export type Synthesised = {
  readonly stack: WebhooksStack;
  readonly template: Template;
  readonly resources: ReadonlyMap<string, Resource>;
  /** Resources of a type, by their logical ids. */
  readonly ofType: (type: string) => readonly (readonly [string, Resource])[];
  readonly propertiesOf: (type: string) => readonly Json[];
};

/** Synthesises a stack as `npm run synth` does. Takes seconds, for its functions are bundled: once per test file is enough. */
export function synthesise(settings: Partial<Settings> = {}): Synthesised {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const stack = new WebhooksStack(new App({ context }), 'DjinnWebhooks', {
    settings: { stackName: 'DjinnWebhooks', ...settings },
  });
  const template = Template.fromStack(stack);
  const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
  const entries = Object.entries(Resources);
  const ofType = (type: string) => entries.filter(([, resource]) => resource.Type === type);
  return {
    stack,
    template,
    resources: new Map(entries),
    ofType,
    propertiesOf: (type) => ofType(type).map(([, { Properties }]) => Properties),
  };
}

/** The logical id that a value of a template refers to; undefined where it is no reference. */
export function referred(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  return Ref ?? attribute?.[0];
}

/** The logical ids that a value refers to anywhere in it, those in the text of `Fn::Sub` not included. */
export function namesIn(value: unknown): string[] {
  const own = referred(value);
  if (own !== undefined) return [own];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namesIn) : [];
}

type Statement = {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
};

/** What a policy allows. */
export function allowances(policy: unknown): readonly Statement[] {
  return (policy as { readonly Statement: readonly Statement[] }).Statement.filter(({ Effect }) => Effect === 'Allow');
}
