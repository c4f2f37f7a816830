import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { SqsBatchResponse } from '../../functions/runtime/sqs-event.ts';
import type { Queue } from '../../functions/transport/queue.ts';
import type { Running, SqsHandler } from './lambda.ts';
import { answerOver, askOver } from './port-calls.ts';
import type { FromPollers, PolledQueue, SqsThreadData, SqsThreadOrder, SqsThreadStarted } from './sqs-thread.ts';
import { StartError } from './start-error.ts';

/** An SQS on the wire, with our queues in it. */
export type SqsEngine = {
  readonly endpoint: string;
  readonly queueUrl: (name: string) => string;
  readonly inspect: (name: string) => Promise<QueueContents>;
  /** A queue to send to without the wire, for what AWS has within. */
  readonly queue: (name: string) => Pick<Queue, 'send'>;
  /** Has a function invoked with what is in a queue, by pollers in the queues' thread. */
  readonly map: (mapping: MappedQueue) => Running;
  readonly stop: () => Promise<void>;
};

type InvokedFunction = { readonly handler: SqsHandler; readonly onError: (error: Error) => void };
type MappedQueue = InvokedFunction & PolledQueue;

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
  const { port, urls } = await started(thread, folder);
  const endpoint = `http://127.0.0.1:${port}`;
  const order = askOver<SqsThreadOrder, boolean[]>(thread);
  let mapped = 0;
  const queueUrl = (name: string) => {
    const url = urls.get(name);
    if (url === undefined) throw new RangeError(`There is no queue ${name}`);
    return url;
  };
  return {
    endpoint,
    queueUrl,
    queue(name) {
      const url = queueUrl(name);
      return { send: (messages) => order({ kind: 'send', url, messages }) };
    },
    map({ handler, onError, ...mapping }) {
      const { port1, port2 } = new MessageChannel();
      const id = mapped++;
      answerOver(port1, invoker({ handler, onError }));
      void order({ kind: 'poll', id, port: port2, mapping }, [port2]);
      return {
        async stop() {
          await order({ kind: 'stop-polling', id });
          port1.close();
        },
      };
    },
    inspect: (name) => inspect(endpoint, name),
    async stop() {
      const ended = once(thread, 'exit');
      void order({ kind: 'stop' });
      await ended;
    },
  };
}

async function started(thread: Worker, folder: string | undefined): Promise<SqsThreadStarted> {
  try {
    const [told] = (await once(thread, 'message')) as [SqsThreadStarted];
    return told;
  } catch (cause) {
    if (folder === undefined) throw cause;
    const what = `The queues in ${folder} cannot be opened (${(cause as Error).message})`;
    throw new StartError(
      `${what}: put the folder back from a backup, or remove it, and with it what was still to be sent`,
      {
        cause,
      },
    );
  }
}

/** Hands batches to a function. Where it throws, it says so, and all of its batch goes back, as on Lambda. */
function invoker({ handler, onError }: InvokedFunction) {
  return async (told: FromPollers): Promise<SqsBatchResponse | undefined> => {
    if ('error' in told) return void onError(told.error);
    const { event } = told;
    return handler(event).catch((error: Error) => {
      onError(error);
      return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
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
