import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SqsThreadData, SqsThreadStarted } from './sqs-thread.ts';

/** An SQS on the wire, with our queues in it. */
export type SqsEngine = {
  readonly endpoint: string;
  readonly queueUrl: (name: string) => string;
  readonly inspect: (name: string) => Promise<QueueContents>;
  readonly stop: () => Promise<void>;
};

/** Bodies of the messages of a queue: to be received now, in somebody's hands, and delayed. */
export type QueueContents = {
  readonly ready: readonly string[];
  readonly inFlight: readonly string[];
  readonly delayed: readonly string[];
};

/** Starts the bundled SQS, over a folder or, without one, in memory, and creates the queues that it lacks. */
export async function startSqs(folder: string | undefined): Promise<SqsEngine> {
  const thread = new Worker(new URL('./sqs-thread.ts', import.meta.url), {
    workerData: { folder } satisfies SqsThreadData,
  });
  const [{ port, urls }] = (await once(thread, 'message')) as [SqsThreadStarted];
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    inspect: (name) => inspect(endpoint, name),
    async stop() {
      const ended = once(thread, 'exit');
      thread.postMessage('stop');
      await ended;
    },
    queueUrl(name) {
      const url = urls.get(name);
      if (url === undefined) throw new RangeError(`There is no queue ${name}`);
      return url;
    },
  };
}

type Message = { readonly body: string };
type Inspected = {
  readonly messages: {
    readonly ready: readonly Message[];
    readonly inflight: readonly { readonly message: Message }[];
    readonly delayed: readonly Message[];
  };
};

/** By fauxqs' own route, which leaves the queue as it is. */
async function inspect(endpoint: string, name: string): Promise<QueueContents> {
  const { messages } = (await (await fetch(`${endpoint}/_fauxqs/queues/${name}`)).json()) as Inspected;
  return {
    ready: messages.ready.map(({ body }) => body),
    inFlight: messages.inflight.map(({ message }) => message.body),
    delayed: messages.delayed.map(({ body }) => body),
  };
}
