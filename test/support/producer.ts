import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventType } from '../../functions/domain/catalogue.ts';
import { SEVERAL_EVENTS, writeDetail } from '../../functions/domain/event.ts';
import { EVENT_SOURCE } from '../../functions/transport/bus.ts';
import { local } from '../../infra/local/aws.ts';
import { severalDetail } from './several-events.ts';

/** What is to happen, and where. */
type Happening = { readonly namespaceId: number; readonly type: EventType };

/** An event that the bus has accepted. `acceptedAt` is when it said so, in milliseconds. */
export type Accepted = Happening & { readonly id: string; readonly createdAt: string; readonly acceptedAt: number };

export type Producer = {
  /** Puts up to ten entries of the bus at once, with an event each or `perEntry`, and goes on until it has accepted them all. */
  readonly put: (happenings: readonly Happening[], perEntry?: number) => Promise<readonly Accepted[]>;
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
    async put(happenings, perEntry = 1) {
      const createdAt = new Date().toISOString();
      const events = happenings.map((happening) => ({
        ...happening,
        id: randomUUID(),
        createdAt,
        payload: of.payload,
      }));
      const accepted: Accepted[] = [];
      for (let rest = inGroups(events, perEntry); rest.length > 0; ) {
        const taken = await putOnce(bus, rest.map(entry));
        const acceptedAt = Date.now();
        const now = rest.filter((_, index) => taken[index]).flat();
        accepted.push(...now.map(({ namespaceId, type, id }) => ({ namespaceId, type, id, createdAt, acceptedAt })));
        rest = rest.filter((_, index) => !taken[index]);
        if (rest.length > 0) await sleep(AGAIN_AFTER_MS);
      }
      return accepted;
    },
  };
}

type Put = Omit<Accepted, 'acceptedAt'> & { readonly payload: string };

function inGroups<T>(all: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, nth) => all.slice(nth * size, (nth + 1) * size));
}

/** The entry of an event, or of several. */
function entry(events: readonly Put[]) {
  const [event] = events;
  if (event === undefined || events.length > 1) {
    return { Source: EVENT_SOURCE, DetailType: SEVERAL_EVENTS, Detail: severalDetail(events) };
  }
  return { Source: EVENT_SOURCE, DetailType: event.type, Detail: writeDetail(event) };
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
