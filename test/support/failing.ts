import { type DynamoDBClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { World } from '../../functions/runtime/world.ts';

type Step = (input: unknown, send: () => Promise<{ output: object }>) => Promise<{ output: object }>;

/**
 * Puts a step in front of every call of one command of a client: it may send the call, or not, and change the answer.
 * Answers how to take it away again.
 */
export function intercept(
  client: DynamoDBClient | EventBridgeClient | KMSClient | SQSClient,
  command: string,
  step: Step,
): () => void {
  // Middleware is typed by the commands of its client; a step sees plain values of whichever.
  const { middlewareStack } = client as DynamoDBClient;
  middlewareStack.add(
    (next, context) => async (call) => {
      if (context['commandName'] !== `${command}Command`) return next(call);
      const answered = await step(call.input, async () => (await next(call)) as { output: object });
      return answered as Awaited<ReturnType<typeof next>>;
    },
    // Outside of serialisation and retries: input and output are plain values.
    { step: 'initialize', name: `intercept-${command}` },
  );
  return () => middlewareStack.remove(`intercept-${command}`);
}

/** What a process meets that is killed: no call has an answer any more. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * Kills whatever makes calls of a world at its nth call, from 1: `before` that call is sent, or `after` it has been carried out,
 * which the caller does not learn. Answers how many calls have been made, and how to begin a new life.
 */
export function crashAt(world: Pick<World, 'dynamodb' | 'sqs'>, nth: number, when: 'before' | 'after') {
  let calls = 0;
  // Middleware is typed by the commands of its client, and this one does not look at them.
  const clients = [world.dynamodb, world.sqs] as unknown as readonly SQSClient[];
  for (const client of clients) {
    client.middlewareStack.add(
      (next) => async (call) => {
        calls += 1;
        if (calls > nth || (calls === nth && when === 'before')) throw new Crash(`killed at call ${nth}`);
        const answered = await next(call);
        if (calls >= nth) throw new Crash(`killed after call ${nth}`);
        return answered;
      },
      { step: 'initialize', name: 'crash' },
    );
  }
  return {
    calls: () => calls,
    revive: () => {
      for (const client of clients) client.middlewareStack.remove('crash');
    },
  };
}

/** What DynamoDB answers where it has no room for a call. */
function throttled(): Error {
  const message = 'The level of configured provisioned throughput for the table was exceeded';
  return new ProvisionedThroughputExceededException({ message, $metadata: {} });
}

/**
 * Has DynamoDB refuse the nth of its calls, from 1, and as many after it as are named, after the client's own retries. Answers
 * how many calls have been made, and how to take it away again.
 */
export function throttleAt({ dynamodb }: Pick<World, 'dynamodb'>, nth: number, refusals = 1) {
  let calls = 0;
  dynamodb.middlewareStack.add(
    (next) => (call) => {
      calls += 1;
      return calls >= nth && calls < nth + refusals ? Promise.reject(throttled()) : next(call);
    },
    { step: 'initialize', name: 'throttle' },
  );
  return { calls: () => calls, undo: () => dynamodb.middlewareStack.remove('throttle') };
}
