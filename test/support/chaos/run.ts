import { violations } from './invariants.ts';
import { fateOf } from './profile.ts';
import { dropNonsense, redrive } from './rest.ts';
import { type Comparison, type Stage, setTheStage } from './stage.ts';
import { CONSUMED, type Consumed } from './system.ts';

/** What came of a seed: what happened, in order, and what should not have. */
export type Outcome = {
  readonly seed: number;
  readonly trace: readonly string[];
  readonly violations: readonly string[];
};

/** Steps until a run that does not come to rest counts as one that never will. */
const STEPS_MAX = 60_000;

/** Runs a seed: trouble first, then calm until nothing moves any more, and then the judgement. */
export async function runSeed(seed: number, comparison?: Comparison): Promise<Outcome> {
  const stage = setTheStage(seed, comparison);
  const { scheduler, profile, parts, chance } = stage;
  scheduler.note(`seed ${seed}: ${JSON.stringify(profile)}`);
  await begin(stage);
  stage.beginTrouble();
  for (let left = profile.operations; left > 0; ) {
    if (chance.happens(0.15)) {
      await stage.operations.drawOne(profile);
      left -= 1;
    } else await step(stage, profile.isTidy);
  }
  for (let left = chance.below(200); left > 0; left--) await step(stage, profile.isTidy);
  scheduler.note('calm');
  stage.endTrouble();
  parts.receivers.recover();
  const isAtRest = await settle(stage);
  const { sent } = stage.operations;
  const { handled } = stage.functions;
  const found = violations({ ...parts, sent, handled, profile, hasJumpedBack: stage.hasJumpedBack() });
  return { seed, trace: scheduler.trace, violations: isAtRest ? found : ['It does not come to rest', ...found] };
}

/** Two namespaces with a webhook or two, before anything goes wrong. */
async function begin(stage: Stage): Promise<void> {
  for (const path of ['demo', 'other']) {
    await stage.parts.requests.ensureNamespace(path, (namespace) => stage.namespaces.push(namespace));
    while (!stage.scheduler.isIdle()) await carryNext(stage);
  }
  for (let left = 2; left > 0; left--) {
    await stage.operations.create();
    while (!stage.scheduler.isIdle()) await carryNext(stage);
  }
}

/** The weight of a batch that is taken in part, against 1 for one that is not. */
const SHORT = 9;

async function carryNext(stage: Stage): Promise<void> {
  const { scheduler, chance, current } = stage;
  const ready = scheduler.ready();
  if (ready.length === 0) return advanceToNext(stage);
  const call = chance.pick(ready);
  const outage = stage.outageOf(call.kind);
  const profile = outage === 'short' && !stage.isCompared ? { ...current(), partial: SHORT } : current();
  await scheduler.carry(call, outage === 'down' ? 'error' : fateOf(call, profile, chance));
}

/** How much time may pass at once, while something is under way and while nothing is. */
const SHORT_MS = [100, 100, 500, 1_000, 1_000, 5_000, 20_000, 180_000];
const LONG_MS = [1_000, 60_000, 180_000, 300_000, 3_600_000];

/** One step of anything that may happen next, of itself. */
async function step(stage: Stage, isTidy: boolean): Promise<void> {
  const { chance, scheduler, functions } = stage;
  const isReady = scheduler.ready().length > 0;
  const receivable = (Object.keys(CONSUMED) as Consumed[]).filter(functions.mayReceive);
  const scheduled = (['retry', 'recover'] as const).filter(
    (name) => functions.isScheduled(name) || chance.happens(0.02),
  );
  const isBusy = isReady || receivable.length > 0;
  const next = chance.weighted({
    call: isReady ? 20 : 0,
    receive: receivable.length > 0 ? 3 : 0,
    schedule: scheduled.length > 0 ? 2 : 0,
    time: isTidy && isBusy ? 0 : isBusy ? 0.3 : 4,
  });
  if (next === 'call') return carryNext(stage).then(() => scheduler.advance(scheduler.nowMs() + chance.below(20)));
  if (next === 'receive') return functions.receive(chance.pick(receivable));
  if (next === 'schedule') {
    const name = chance.pick(scheduled);
    if (chance.happens(0.2)) await functions.run(name);
    return functions.run(name);
  }
  const soonMs = Math.min(scheduler.nextReadyMs(), stage.parts.queues.nextVisibleMs());
  const isSoon = Number.isFinite(soonMs) && (isTidy || chance.happens(0.5));
  const waitsMs = isBusy || !scheduler.isIdle() ? SHORT_MS : LONG_MS;
  return scheduler.advance(isSoon && !isBusy ? soonMs : scheduler.nowMs() + chance.pick(waitsMs));
}

/** Lets everything that is still to come, come; false where there is no end to it. */
async function settle(stage: Stage): Promise<boolean> {
  const { scheduler, functions, chance, parts } = stage;
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const receivable = (Object.keys(CONSUMED) as Consumed[]).filter(functions.mayReceive);
    if (scheduler.ready().length > 0) await carryNext(stage);
    else if (receivable.length > 0) await functions.receive(chance.pick(receivable));
    else if (!scheduler.isIdle()) await advanceToNext(stage);
    else if (!(await wake(stage))) return true;
    // Nonsense goes round for ever; a person would take it out.
    dropNonsense(parts.queues);
  }
  return false;
}

async function advanceToNext({ scheduler }: Stage): Promise<void> {
  const nextMs = scheduler.nextReadyMs();
  if (!Number.isFinite(nextMs)) throw new Error('Somebody waits for what never comes');
  await scheduler.advance(nextMs);
}

/** Moves the clock to what comes next, and runs the schedule; false where nothing is to come. */
async function wake({ scheduler, functions, parts }: Stage): Promise<boolean> {
  // What is held is not looked at by itself, but with its webhook.
  const dueMs = parts.table
    .items()
    .flatMap(({ due_at: at, status }) => (at === undefined || status === 'held' ? [] : [Number(at)]));
  const dead = parts.queues.messages('events-dead-letter');
  const nextMs = parts.queues.nextVisibleMs();
  if (dueMs.length === 0 && dead.length === 0 && !Number.isFinite(nextMs)) return false;
  const untilMs = Math.min(nextMs, Math.max(scheduler.nowMs() + 60_000, Math.min(...dueMs) - 60_000));
  await scheduler.advance(Number.isFinite(untilMs) ? untilMs : scheduler.nowMs() + 60_000);
  if (dueMs.length > 0)
    for (const name of ['retry', 'recover'] as const) if (functions.isScheduled(name)) await functions.run(name);
  if (dead.length > 0) redrive(parts.queues, scheduler);
  return true;
}
