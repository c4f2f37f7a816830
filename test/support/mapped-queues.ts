import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { queue } from '../../functions/transport/queue.ts';
import { local } from '../../infra/local/aws.ts';
import { mapQueue, type Running } from '../../infra/local/lambda.ts';
import { startSqs } from '../../infra/local/sqs.ts';

export type Handler = (event: SqsEvent) => Promise<SqsBatchResponse>;
type Size = Pick<Parameters<typeof mapQueue>[0], 'concurrency' | 'maximumConcurrency'>;

export const DONE: SqsBatchResponse = { batchItemFailures: [] };

export function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index}`);
}

/** Queues of an engine, each of which is handed to a handler, as Lambda does it. */
export type MappedQueues = Awaited<ReturnType<typeof openMappedQueues>>;

export async function openMappedQueues() {
  const engine = await startSqs(undefined);
  const sqs = new SQSClient(local(engine.endpoint));
  const running: Running[] = [];
  const errors: Error[] = [];
  let queues = 0;
  return {
    sqs,
    /** What the mappings of this test have said. */
    errors,
    /** A queue of its own, whose messages come again after a second. */
    async newQueue(attributes: Readonly<{ [name: string]: string }> = {}) {
      queues += 1;
      const name = `queue-${queues}`;
      const Attributes = { VisibilityTimeout: '1', ...attributes };
      const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      const bodiesIn = async () => {
        const { ready, inFlight, delayed } = await engine.inspect(name);
        return [...ready, ...inFlight, ...delayed];
      };
      const send = (bodies: readonly string[]) => queue(sqs, url).send(bodies.map((body) => ({ body })));
      return { url, bodiesIn, send };
    },
    map(queueUrl: string, handler: Handler, size: Size = { concurrency: 1 }): Running {
      const mapping = mapQueue({ sqs, queueUrl, handler, ...size, onError: (error) => errors.push(error) });
      running.push(mapping);
      return mapping;
    },
    /** Stops all mappings: the next test has its own. */
    async unmap() {
      await Promise.all(running.splice(0).map((one) => one.stop()));
      errors.length = 0;
    },
    async stop() {
      sqs.destroy();
      await engine.stop();
    },
  };
}
