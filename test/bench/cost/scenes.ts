import { EVENTS_PER_ENTRY_MAX } from '../../../functions/domain/limits.ts';
import { ATTEMPTS_MAX, RETRY_DELAYS_SECONDS } from '../../../functions/domain/schedule.ts';
import { BATCH_SIZE } from '../../../infra/queues.ts';
import type { Usage } from './bill.ts';
import { type CostStage, openStage } from './stage.ts';

/** What a delivery costs in one situation: its share of what AWS bills, and the calls that were made for it. */
export type SceneCost = { readonly perDelivery: Usage; readonly callsPerDelivery: Readonly<Record<string, number>> };

/** What the situations are called in tables. Each delivery is of an event of its own (fan-out 1), of 2 KB. */
export const SCENES = {
  steady: 'Full batches, each event of another namespace',
  keptConnections: 'The same, over connections that were kept',
  oneNamespace: 'Full batches, all of one namespace',
  together: 'Full batches, ten events in an entry of the bus',
  trickle: 'A trickle: one by one',
  pastTheBus: 'Full batches, sent past the bus',
  thirdTime: 'The third attempt succeeds',
  dead: 'All ten attempts fail',
} as const;
export type SceneName = keyof typeof SCENES;

/** Makes each situation on a stage, and counts. */
export async function costOfScenes(
  tell: (line: string) => void = () => undefined,
): Promise<Readonly<Record<SceneName, SceneCost>>> {
  const stage = await openStage();
  try {
    const all = await stage.namespaces(BATCH_SIZE * EVENTS_PER_ENTRY_MAX);
    const ids = all.slice(0, BATCH_SIZE);
    const [one = 0] = ids;
    // The processes are warm: each has opened the secrets of its webhooks.
    await stage.putTogether(all, 0);
    await workOffTogether(stage);
    let from = all.length;
    const costOf = async (name: SceneName, namespaceIds: readonly number[], work = workOff, emit = stage.put) => {
      tell(SCENES[name]);
      if (name !== 'keptConnections') stage.forgetConnections();
      const { usage, calls } = await stage.cost(async () => {
        await emit(namespaceIds, from);
        await work(stage);
      });
      from += namespaceIds.length;
      return shareOf({ usage, calls }, namespaceIds.length);
    };
    return {
      steady: await costOf('steady', ids),
      keptConnections: await costOf('keptConnections', ids),
      oneNamespace: await costOf('oneNamespace', Array(BATCH_SIZE).fill(one)),
      together: await costOf('together', all, workOffTogether, stage.putTogether),
      trickle: await costOf('trickle', [one]),
      pastTheBus: await costOf('pastTheBus', ids, workOff, stage.send),
      thirdTime: await costOf('thirdTime', ids, failing(2)),
      dead: await costOf('dead', ids, failing(ATTEMPTS_MAX)),
    };
  } finally {
    await stage.stop();
  }
}

async function workOff({ deployment, handlers }: CostStage): Promise<void> {
  await deployment.step('events', handlers.ingest);
  await deployment.step('deliveries', handlers.deliver);
}

/** As many events as ten entries hold, and so as many batches of deliveries. */
async function workOffTogether({ deployment, handlers }: CostStage): Promise<void> {
  await deployment.step('events', handlers.ingest);
  for (let nth = 0; nth < EVENTS_PER_ENTRY_MAX; nth++) await deployment.step('deliveries', handlers.deliver);
}

/** Has the first attempts of each delivery fail, and lets the clock run to the next one until there is none. */
function failing(failures: number) {
  return (stage: CostStage) => fail(stage, failures);
}

async function fail({ deployment, handlers, answer, clock, retry }: CostStage, failures: number): Promise<void> {
  await deployment.step('events', handlers.ingest);
  for (let attempt = 1; ; attempt++) {
    answer.status = attempt <= failures ? 503 : 200;
    await deployment.step('deliveries', handlers.deliver);
    const delaySeconds = RETRY_DELAYS_SECONDS[attempt - 1];
    if (attempt > failures || delaySeconds === undefined) return;
    clock.nowMs += delaySeconds * 1000;
    // The first retry is in the queue already; the others are sent by the schedule.
    if (attempt > 1) await retry();
  }
}

function shareOf({ usage, calls }: Awaited<ReturnType<CostStage['cost']>>, deliveries: number): SceneCost {
  const share = <T extends object>(all: T) =>
    Object.fromEntries(Object.entries(all).map(([name, number]) => [name, Number(number) / deliveries])) as T;
  return { perDelivery: share(usage), callsPerDelivery: share(calls) };
}
