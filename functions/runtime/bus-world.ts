import { lateClient } from './late-client.ts';
import { AWS_PATIENCE, quietLambdaWorld, type World } from './world.ts';

/** The world as Lambda has it, with the bus. In a module of its own: esbuild keeps what is imported by `import()` wherever that stands. */
export function lambdaWorld(): World {
  const eventbridge = lateClient(
    async () => new (await import('../transport/sdk-eventbridge.ts')).EventBridgeClient(AWS_PATIENCE),
  );
  return { ...quietLambdaWorld(), eventbridge };
}
