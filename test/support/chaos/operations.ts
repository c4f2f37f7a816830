import type { EventType } from '../../../functions/domain/catalogue.ts';
import { SEVERAL_EVENTS, writeDetail } from '../../../functions/domain/event.ts';
import type { Namespace } from '../../../functions/domain/namespace.ts';
import { RECOVERABLE } from '../../../functions/domain/recovery.ts';
import { namespacePayload } from '../directory.ts';
import { severalDetail } from '../several-events.ts';
import type { Chance } from './chance.ts';
import type { MemoryQueues } from './queues.ts';
import type { Receivers } from './receivers.ts';
import type { KnownWebhook, Requests } from './requests.ts';
import { type Scheduler, SERVICES, type Service } from './scheduler.ts';
import type { MemoryTable } from './table.ts';

/** An event that a producer put on the bus, and that was accepted. */
export type SentEvent = {
  readonly id: string;
  readonly createdAt: string;
  readonly namespaceId: number;
  readonly type: EventType;
  readonly payload: string;
  readonly sentAtMs: number;
};

const TYPES = ['build.submitted', 'build.started', 'build.finished', 'cron'] as const;
/** A service that is `short` takes batches, and leaves most of what is in them undone. */
const OUTAGES = ['down', 'short'] as const;
export type Outage = { readonly service: Service; readonly kind: (typeof OUTAGES)[number]; readonly untilMs: number };
/** The longest are longer than the ten receives of a message take. */
const OUTAGES_MS = [5_000, 400_000, 1_500_000, 3_000_000];

const PAUSES_MS = [20_000, 300_000, 7_200_000, 5 * 24 * 3_600_000];

type Deps = {
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly queues: MemoryQueues;
  readonly table: MemoryTable;
  readonly receivers: Receivers;
  readonly requests: Requests;
  readonly namespaces: readonly Namespace[];
  readonly nowMs: () => number;
  readonly jump: (ms: number) => void;
  readonly begin: (outage: Outage) => void;
};

/** What happens to the system from outside, drawn one at a time. */
export function operations(deps: Deps) {
  const { chance, scheduler, requests, namespaces } = deps;
  const sent: SentEvent[] = [];
  let urls = 0;

  /** What the bus makes of an entry. */
  const message = (type: string, detail: string) =>
    `{"version":"0","id":"${chance.uuid()}","detail-type":"${type}","source":"djinn-ci","time":"2026-01-01T00:00:00Z","detail":${detail}}`;

  const put = (...events: readonly [SentEvent, ...SentEvent[]]) => {
    const [first] = events;
    const isOne = events.length === 1;
    const body = isOne ? message(first.type, writeDetail(first)) : message(SEVERAL_EVENTS, severalDetail(events));
    for (let copies = chance.happens(0.2) ? 2 : 1; copies > 0; copies--) {
      for (const { id, type, namespaceId } of events) {
        scheduler.note(`event ${id} (${type}) of namespace ${namespaceId}${isOne ? '' : ', together with others'}`);
      }
      deps.queues.put('events', body);
    }
  };

  const happen = (namespaceId: number, type: EventType, payload: string): SentEvent => {
    const sentAtMs = scheduler.nowMs();
    const createdAt = new Date(deps.nowMs()).toISOString();
    const event = { id: chance.uuid(), createdAt, namespaceId, type, payload, sentAtMs };
    sent.push(event);
    return event;
  };

  const newUrl = (): string => {
    const url = `https://receiver-${++urls}.example.com/`;
    if (chance.happens(0.6)) deps.receivers.turn(url);
    else deps.receivers.turn(url, 'well');
    return url;
  };

  const draft = () => ({
    payload_url: newUrl(),
    ...(chance.happens(0.8) ? { secret: `secret-${chance.below(1e6)}` } : {}),
    ...(chance.happens(0.3) ? { events: [chance.pick(TYPES)] } : {}),
    ...(chance.happens(0.1) ? { active: false } : {}),
  });

  const change = () =>
    chance.pick<() => Record<string, unknown>>([
      () => ({ active: false }),
      () => ({ active: true }),
      () => ({ secret: `secret-${chance.below(1e6)}` }),
      () => ({
        secret: `secret-${chance.below(1e6)}`,
        secret_overlap_seconds: chance.pick([0, 4 * 60 * 60, 604_800]),
      }),
      () => ({ remove_secret: true }),
      () => ({ payload_url: newUrl() }),
      () => ({ events: [chance.pick(TYPES)] }),
      () => ({ events: [] }),
    ])();

  /** Deliveries of a webhook that the log has, each with the number of its last attempt. */
  const deliveriesOf = ({ id }: KnownWebhook) => {
    const last = new Map<string, number>();
    for (const { pk, sk } of deps.table.items()) {
      const [kind, deliveryId = '', number] = sk.split('#', 3);
      if (pk !== `WEBHOOK#${id}` || kind !== 'DELIVERY') continue;
      last.set(deliveryId, Math.max(last.get(deliveryId) ?? 0, Number(number)));
    }
    return [...last].map(([deliveryId, lastNumber]) => ({ deliveryId, lastNumber }));
  };

  const withDelivery = async (
    act: (webhook: KnownWebhook, of: ReturnType<typeof deliveriesOf>[number]) => Promise<void>,
  ) => {
    const webhook = chance.pick(requests.webhooks);
    const deliveries = deliveriesOf(webhook);
    if (deliveries.length > 0) await act(webhook, chance.pick(deliveries));
  };

  const acts = {
    event: async () => {
      const one = () => happen(chance.pick(namespaces).id, chance.pick(TYPES), `{"n":${chance.below(1e9)}}`);
      const others = Array.from({ length: chance.pick([0, 0, 1, 4]) }, one);
      if (chance.happens(0.5)) put(one(), ...others);
      else for (const event of [one(), ...others]) put(event);
    },
    again: async () => void (sent.length > 0 && put(chance.pick(sent))),
    create: () => requests.create(chance.pick(namespaces), draft()),
    change: () => requests.change(chance.pick(requests.webhooks), change()),
    pause: () => {
      const until = new Date(deps.nowMs() + chance.pick(PAUSES_MS)).toISOString();
      return requests.pause(chance.pick(requests.webhooks), until);
    },
    resume: () => requests.resume(chance.pick(requests.webhooks)),
    delete: () => requests.remove(chance.pick(requests.webhooks)),
    ping: () => requests.ping(chance.pick(requests.webhooks)),
    redeliver: () => withDelivery((webhook, of) => requests.redeliver(webhook, of)),
    cancel: () => withDelivery((webhook, of) => requests.cancel(webhook, of.deliveryId)),
    recover: () => {
      const since = new Date(deps.nowMs() - 2 * 24 * 60 * 60_000).toISOString();
      return requests.recover(chance.pick(requests.webhooks), { since, status: chance.pick(RECOVERABLE) });
    },
    mood: async () => {
      if (urls > 0) deps.receivers.turn(`https://receiver-${1 + chance.below(urls)}.example.com/`);
    },
    deletion: async () => {
      const { id, path } = chance.pick(namespaces);
      const namespace = namespacePayload({ id, path, user: 'admin' });
      put(happen(id, 'namespaces', JSON.stringify({ action: 'deleted', namespace })));
    },
    removal: () => requests.removeNamespace(chance.pick(namespaces)),
    outage: async () => {
      const [service, kind, lastsMs] = [chance.pick(SERVICES), chance.pick(OUTAGES), chance.pick(OUTAGES_MS)];
      scheduler.note(`${service} is ${kind} for ${lastsMs} ms`);
      deps.begin({ service, kind, untilMs: scheduler.nowMs() + lastsMs });
    },
    jump: async () => deps.jump(chance.pick([-2_000, -500, 3_000, 90_000, 3_600_000])),
    poison: async () => {
      scheduler.note('nonsense comes into a queue');
      const [one] = sent.slice(-1);
      if (one && chance.happens(0.5)) {
        // Beside an event that has come before; at the end an operator takes the nonsense out, which is alone then.
        deps.queues.put('events', message(SEVERAL_EVENTS, severalDetail([one]).replace(/\]\}$/, ',{"v":1}]}')));
      } else deps.queues.put(chance.pick(['events', 'deliveries']), chance.pick(['{', '{"v":1}', 'nonsense']));
    },
  };

  return {
    sent: sent as readonly SentEvent[],
    create: acts.create,

    /** Does one of them. In a run where nothing fails only what leaves every attempt one POST. */
    async drawOne(profile: { readonly isTidy: boolean; readonly jumps: boolean }): Promise<void> {
      const hasWebhooks = requests.webhooks.length > 0;
      const known = (weight: number) => (hasWebhooks ? weight : 0);
      const rough = (weight: number) => (profile.isTidy ? 0 : known(weight));
      const which = chance.weighted<keyof typeof acts>({
        event: known(12),
        again: known(3),
        create: hasWebhooks ? 2 : 10,
        change: known(4),
        pause: known(2),
        resume: known(1),
        delete: known(1.5),
        ping: known(1),
        redeliver: rough(4),
        cancel: known(3),
        recover: rough(2),
        mood: known(3),
        deletion: known(0.4),
        removal: known(0.2),
        outage: rough(1.5),
        jump: profile.jumps ? 2 : 0,
        poison: rough(0.5),
      });
      await acts[which]();
    },
  };
}
