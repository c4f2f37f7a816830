import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';

type Step = (input: unknown, send: () => Promise<{ output: object }>) => Promise<{ output: object }>;

/**
 * Puts a step in front of every call of one command of a client: it may send the call, or not, and change the answer.
 * Answers how to take it away again.
 */
export function intercept(
  client: DynamoDBClient | EventBridgeClient | SQSClient,
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
