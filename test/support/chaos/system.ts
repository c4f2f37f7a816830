import { deadLetterHandler } from '../../../functions/dead-letter.ts';
import { deliverHandler } from '../../../functions/deliver.ts';
import { ingestHandler } from '../../../functions/ingest.ts';
import { recoverHandler } from '../../../functions/recover.ts';
import { retryHandler } from '../../../functions/retry.ts';
import { deadLetterDeps, deliverDeps, ingestDeps, recoverDeps, retryDeps } from '../../../functions/runtime/deps.ts';
import type { SqsBatchResponse, SqsEvent } from '../../../functions/runtime/sqs-event.ts';
import type { World } from '../../../functions/runtime/world.ts';
import type { Post } from '../../../functions/transport/post.ts';
import type { Settings } from '../../../infra/local/engines.ts';
import type { QueueName } from '../../../infra/queues.ts';
import type { Chance } from './chance.ts';
import type { Profile } from './profile.ts';
import type { MemoryQueues } from './queues.ts';
import type { Scheduler, Task } from './scheduler.ts';

/** The queues that functions stand behind, and the functions of the schedule. */
export const CONSUMED = { events: 'ingest', deliveries: 'deliver', 'deliveries-dead-letter': 'bury' } as const;
export type Consumed = keyof typeof CONSUMED;
export type Scheduled = 'retry' | 'recover';

/** A message of the deliveries queue, and the invocations that were given it. */
export type Handled = { readonly body: string; readonly tasks: readonly Task[] };

type Consumer = (event: SqsEvent) => Promise<SqsBatchResponse>;

type Deps = {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly queues: MemoryQueues;
  readonly world: World;
  readonly settings: Settings;
  readonly post: Post;
  /** How rough it is at the moment. */
  readonly profile: () => Profile;
};

const BATCH_SIZE = 10;
/** Invocations of one function at once. */
const CONCURRENCY = 3;

/** Lambda in this process: invokes the functions, in processes that live on from one invocation to the next until they are killed. */
export function system(deps: Deps) {
  const { chance, scheduler, queues, world, settings } = deps;
  const consumers = processes<Consumer>({
    ingest: () => ingestHandler(ingestDeps(settings, world)),
    deliver: () => deliverHandler({ ...deliverDeps(settings, world), post: deps.post }),
    bury: () => deadLetterHandler(deadLetterDeps(settings, world)),
  });
  const scheduled = processes<(event: unknown) => Promise<unknown>>({
    retry: () => retryHandler(retryDeps(settings, world)),
    recover: () => recoverHandler(recoverDeps(settings, world)),
  });
  const handled = new Map<string, Handled>();
  const lastRunMs: Record<Scheduled, number> = { retry: 0, recover: 0 };

  return {
    /** What came of the deliveries queue, by the ids of messages. */
    handled: handled as ReadonlyMap<string, Handled>,

    /** Whether a queue has something to be received, and its function room for another batch. */
    mayReceive: (name: Consumed): boolean =>
      queues.visible(name).length > 0 && scheduler.runningOf(CONSUMED[name]) < CONCURRENCY,

    /** Invokes the function of a queue with a batch of what is visible, in any order. */
    async receive(name: Consumed): Promise<void> {
      const { messagesTwice, deletionsLost } = deps.profile();
      const visible = chance.shuffled(queues.visible(name));
      const messages = queues.receive(name, visible.slice(0, 1 + chance.below(BATCH_SIZE)));
      if (messages.length === 0) return;
      for (const message of messages) if (chance.happens(messagesTwice)) message.visibleAtMs = scheduler.nowMs();
      const handler = consumers.take(CONSUMED[name]);
      const Records = messages.map(({ messageId, body }) => ({ messageId, body }));
      const task = scheduler.spawn(
        CONSUMED[name],
        () => handler({ Records }),
        (ended) => {
          consumers.giveBack(CONSUMED[name], handler);
          const failed =
            'error' in ended ? undefined : new Set(ended.value.batchItemFailures.map((one) => one.itemIdentifier));
          for (const message of messages) {
            if (failed?.has(message.messageId) !== false) scheduler.note(`${name}: ${message.messageId} goes back`);
            else if (chance.happens(deletionsLost))
              scheduler.note(`${name}: ${message.messageId} is done, and not deleted`);
            else queues.remove(name as QueueName, message);
          }
        },
      );
      const given = await task;
      for (const { messageId, body } of name === 'deliveries' ? messages : []) {
        const { tasks } = handled.get(messageId) ?? { tasks: [] };
        handled.set(messageId, { body, tasks: [...tasks, given] });
      }
      scheduler.note(`${given.name} was given ${messages.map(({ messageId }) => messageId).join(', ')}`);
    },

    /** Whether a minute has passed since the schedule invoked a function. */
    isScheduled: (name: Scheduled): boolean => scheduler.nowMs() - lastRunMs[name] >= 60_000,

    /** Invokes a function of the schedule. */
    async run(name: Scheduled): Promise<void> {
      lastRunMs[name] = scheduler.nowMs();
      const handler = scheduled.take(name);
      await scheduler.spawn(
        name,
        () => handler({}),
        (ended) => {
          scheduled.giveBack(name, handler);
          if ('error' in ended) scheduler.note(`${name} failed: ${ended.error}`);
        },
      );
    },
  };
}

/** Processes that are warm and idle; where none is, another is started. One that is killed never comes back. */
function processes<Handler>(start: Readonly<Record<string, () => Handler>>) {
  const idle = new Map<string, Handler[]>();
  return {
    take(name: string): Handler {
      const warm = idle.get(name)?.pop() ?? start[name]?.();
      if (warm === undefined) throw new Error(`There is no function ${name}`);
      return warm;
    },
    giveBack(name: string, handler: Handler): void {
      idle.set(name, [...(idle.get(name) ?? []), handler]);
    },
  };
}
