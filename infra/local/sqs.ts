import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { OutgoingMessage, Queue } from '../../functions/transport/queue.ts';
import type { Running } from './lambda.ts';
import { type InvokedFunction, invokedOver, type PolledQueue } from './remote-mapping.ts';
import type { SqsThreadData, SqsThreadOrder, SqsThreadSent, SqsThreadStarted } from './sqs-thread.ts';

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

type MappedQueue = InvokedFunction & Omit<PolledQueue, 'sqs'>;

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
  const order = (one: SqsThreadOrder, transferred: readonly MessagePort[] = []) => thread.postMessage(one, transferred);
  const queueUrl = (name: string) => {
    const url = urls.get(name);
    if (url === undefined) throw new RangeError(`There is no queue ${name}`);
    return url;
  };
  const send = sender(thread, order);
  return {
    endpoint,
    queueUrl,
    queue: (name) => ({ send: (messages) => send(queueUrl(name), messages) }),
    map({ handler, onError, ...mapping }) {
      const { port1, port2 } = new MessageChannel();
      order({ kind: 'poll', port: port2, mapping }, [port2]);
      return invokedOver(port1, { handler, onError });
    },
    inspect: (name) => inspect(endpoint, name),
    async stop() {
      const ended = once(thread, 'exit');
      order({ kind: 'stop' });
      await ended;
    },
  };
}

/** Sends by the thread; answers as `Queue.send` does. */
function sender(thread: Worker, order: (one: SqsThreadOrder) => void) {
  const waiting = new Map<number, PromiseWithResolvers<boolean[]>>();
  let orders = 0;
  thread.on('message', ({ id, ...answer }: SqsThreadSent) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if ('sent' in answer) resolve?.(answer.sent);
    else reject?.(answer.error);
  });
  return (url: string, messages: readonly OutgoingMessage[]): Promise<boolean[]> => {
    const answer = Promise.withResolvers<boolean[]>();
    const id = orders++;
    waiting.set(id, answer);
    order({ kind: 'send', id, url, messages });
    return answer.promise;
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
