import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { local } from '../../infra/local/aws.ts';

/** What is to happen, and where. */
type Happening = { readonly namespaceId: number; readonly type: string };

/** An event that the bus has accepted. `acceptedAt` is when it said so, in milliseconds. */
export type Accepted = Happening & { readonly id: string; readonly createdAt: string; readonly acceptedAt: number };

export type Producer = {
  /** Puts up to ten events on the bus at once, and goes on until it has accepted them all. */
  readonly put: (happenings: readonly Happening[]) => Promise<readonly Accepted[]>;
  readonly stop: () => void;
};

const AGAIN_AFTER_MS = 50;

/**
 * A producer as the contract wants it: what got no answer, or was refused, is put again with the same id and the same time,
 * and so is the same event.
 */
export function producer(of: { readonly url: string; readonly payload: string }): Producer {
  const bus = new EventBridgeClient({ ...local(of.url), maxAttempts: 1 });
  return {
    stop: () => bus.destroy(),
    async put(happenings) {
      const createdAt = new Date().toISOString();
      const events = happenings.map((happening) => ({ ...happening, id: randomUUID(), createdAt }));
      const accepted: Accepted[] = [];
      for (let rest = events; rest.length > 0; ) {
        const taken = await putOnce(
          bus,
          rest.map((event) => entry(event, of.payload)),
        );
        const acceptedAt = Date.now();
        accepted.push(...rest.filter((_, index) => taken[index]).map((event) => ({ ...event, acceptedAt })));
        rest = rest.filter((_, index) => !taken[index]);
        if (rest.length > 0) await sleep(AGAIN_AFTER_MS);
      }
      return accepted;
    },
  };
}

function entry({ namespaceId, id, createdAt, type }: Omit<Accepted, 'acceptedAt'>, payload: string) {
  const head = JSON.stringify({ namespace_id: namespaceId, id, created_at: createdAt });
  return { Source: 'djinn-ci', DetailType: type, Detail: `${head.slice(0, -1)},"payload":${payload}}` };
}

/** Which of the entries the bus has certainly accepted: none where it did not answer. */
async function putOnce(bus: EventBridgeClient, Entries: readonly ReturnType<typeof entry>[]): Promise<boolean[]> {
  try {
    const { Entries: results = [] } = await bus.send(new PutEventsCommand({ Entries: [...Entries] }));
    return Entries.map((_, index) => results[index]?.EventId !== undefined);
  } catch {
    // The system is down, and will be up again; whether it took them is not known.
    return Entries.map(() => false);
  }
}
