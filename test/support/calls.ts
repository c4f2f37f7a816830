import type { SQSClient } from '@aws-sdk/client-sqs';
import type { World } from '../../functions/runtime/world.ts';

/** Counts the calls that a world's clients make, by command, such as `BatchGetItem`. */
export function countCalls(world: Pick<World, 'dynamodb' | 'sqs' | 'kms'>): Map<string, number> {
  const calls = new Map<string, number>();
  // Middleware is typed by the commands of its client, and counting does not look at them.
  const clients = [world.dynamodb, world.sqs, world.kms] as unknown as readonly SQSClient[];
  for (const client of clients) {
    client.middlewareStack.add(
      (next, context) => (input) => {
        const name = (context['commandName'] as string).replace(/Command$/, '');
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return next(input);
      },
      // After retries have been decided on, so that each of them counts.
      { step: 'finalizeRequest', priority: 'low', name: 'countCalls' },
    );
  }
  return calls;
}
