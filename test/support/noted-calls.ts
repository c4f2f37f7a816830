import type { SQSClient } from '@aws-sdk/client-sqs';
import type { FunctionName } from '../../functions/runtime/env.ts';
import type { World } from '../../functions/runtime/world.ts';
import { actionsOfSent } from './derived-grants.ts';

/** Notes what each function calls of AWS, as the actions that IAM is asked for. */
export function noteCalls(world: Pick<World, 'dynamodb' | 'sqs' | 'kms' | 'eventbridge'>) {
  const actions = new Map<FunctionName, Set<string>>();
  let caller: FunctionName | undefined;
  // Middleware is typed by the commands of its client, and noting does not look at them.
  const clients = [world.dynamodb, world.sqs, world.kms, world.eventbridge] as unknown as readonly SQSClient[];
  for (const client of clients) {
    client.middlewareStack.add(
      (next, context) => (input) => {
        const noted = caller && actions.get(caller);
        if (noted) for (const one of actionsOfSent(context['commandName'] as string, input.input)) noted.add(one);
        return next(input);
      },
      { step: 'initialize', name: 'noteCalls' },
    );
  }
  return {
    /** Runs what a function does, and notes its calls. */
    async by<T>(name: FunctionName, work: () => Promise<T>): Promise<T> {
      if (!actions.has(name)) actions.set(name, new Set());
      caller = name;
      try {
        return await work();
      } finally {
        caller = undefined;
      }
    },
    of: (name: FunctionName): readonly string[] => [...(actions.get(name) ?? [])].sort(),
  };
}
