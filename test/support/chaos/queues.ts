import { QUEUES, type QueueName } from '../../../infra/queues.ts';

/** A message in a queue. A message keeps its id however often it is received. */
export type QueuedMessage = {
  readonly messageId: string;
  readonly body: string;
  readonly sentAtMs: number;
  visibleAtMs: number;
  receives: number;
};

type SendEntry = { readonly Id: string; readonly MessageBody: string; readonly DelaySeconds?: number };

export type MemoryQueues = ReturnType<typeof memoryQueues>;

/** SQS in this process: the system's queues, with their visibility timeouts and dead-letter queues. */
export function memoryQueues(deps: { readonly nowMs: () => number }) {
  const queues = new Map<QueueName, Set<QueuedMessage>>(QUEUES.map(({ name }) => [name, new Set()]));
  const bodies = new Map<string, number>();
  let sent = 0;
  const of = (name: QueueName): Set<QueuedMessage> => queues.get(name) ?? new Set();

  const put = (name: QueueName, body: string, delaySeconds = 0): void => {
    bodies.set(body, (bodies.get(body) ?? 0) + 1);
    const messageId = `message-${++sent}`;
    const nowMs = deps.nowMs();
    of(name).add({ messageId, body, sentAtMs: nowMs, visibleAtMs: nowMs + delaySeconds * 1000, receives: 0 });
  };

  return {
    put,
    /** How often each body was sent, to whichever queue. */
    timesSent: bodies as ReadonlyMap<string, number>,
    messages: (name: QueueName): readonly QueuedMessage[] => [...of(name)],
    visible: (name: QueueName): readonly QueuedMessage[] =>
      [...of(name)].filter(({ visibleAtMs }) => visibleAtMs <= deps.nowMs()),

    /** When the next message can be received that cannot be now. */
    nextVisibleMs(): number {
      const nowMs = deps.nowMs();
      const times = [...queues.values()].flatMap((queue) => [...queue].map(({ visibleAtMs }) => visibleAtMs));
      return Math.min(...times.filter((atMs) => atMs > nowMs));
    },

    /** Carries out a SendMessageBatch; entries of `lost` are refused, which SQS says in an answer that is 200. */
    send(name: QueueName, entries: readonly SendEntry[], lost: ReadonlySet<string>): Record<string, unknown> {
      const taken = entries.filter(({ Id }) => !lost.has(Id));
      for (const { MessageBody, DelaySeconds } of taken) put(name, MessageBody, DelaySeconds);
      const Failed = [...lost].map((Id) => ({ Id, Code: 'InternalError', SenderFault: false }));
      return { Successful: taken.map(({ Id }) => ({ Id })), ...(Failed.length === 0 ? {} : { Failed }) };
    },

    /**
     * Receives messages, which nobody else then sees for the visibility timeout; those that have been received too often go
     * to the dead-letter queue instead.
     */
    receive(name: QueueName, messages: readonly QueuedMessage[]): readonly QueuedMessage[] {
      const settings = QUEUES.find((one) => one.name === name);
      const { visibilityTimeoutSeconds = 0, deadLetter } = settings ?? {};
      return messages.filter((message) => {
        if (deadLetter !== undefined && message.receives >= deadLetter.maxReceives) {
          of(name).delete(message);
          of(deadLetter.queue).add({ ...message, visibleAtMs: deps.nowMs(), receives: 0 });
          return false;
        }
        message.receives += 1;
        message.visibleAtMs = deps.nowMs() + visibilityTimeoutSeconds * 1000;
        return true;
      });
    },

    /** Deletes a message by what was received of it. */
    remove: (name: QueueName, message: QueuedMessage): boolean => of(name).delete(message),
  };
}
