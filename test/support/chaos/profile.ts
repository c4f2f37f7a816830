import type { Chance } from './chance.ts';
import { type Call, type Fate, SERVICES } from './scheduler.ts';

/** How rough a run is: probabilities, per call, message or read. */
export type Profile = {
  /** Nothing fails and nothing is late: then every attempt is one POST, exactly. */
  readonly isTidy: boolean;
  readonly kills: number;
  readonly errors: number;
  readonly answersLost: number;
  readonly twice: number;
  readonly partial: number;
  readonly stale: number;
  /** Messages that are received again while somebody has them, and whose deletion is lost. */
  readonly messagesTwice: number;
  readonly deletionsLost: number;
  /** Whether the functions' clock jumps. */
  readonly jumps: boolean;
  readonly operations: number;
};

const TIDY_SHARE = 0.15;

/** Draws how rough a run is: most have some kinds of trouble, and not all have all. */
export function drawProfile(chance: Chance): Profile {
  const isTidy = chance.happens(TIDY_SHARE);
  const share = (most: number) => (isTidy ? 0 : chance.pick([0, most / 4, most]));
  return {
    isTidy,
    kills: share(0.04),
    errors: share(0.06),
    answersLost: share(0.04),
    twice: share(0.04),
    partial: share(0.2),
    stale: share(0.3),
    messagesTwice: share(0.1),
    deletionsLost: share(0.2),
    jumps: !isTidy && chance.happens(0.3),
    operations: 10 + chance.below(30),
  };
}

/** Commands that answer with some of their entries undone. */
const PARTIAL = /^(BatchExecuteStatement|BatchGetItem|BatchWriteItem|SendMessageBatch|TransactWriteItems)/;
/** A command that carries a token by which it is known again: done twice it is done once. */
const IDEMPOTENT = /^TransactWriteItems/;

/** Draws what befalls a call. */
export function fateOf(call: Call, profile: Profile, chance: Chance): Fate {
  const isService = SERVICES.some((service) => service === call.kind);
  return chance.weighted<Fate>({
    killed_before: profile.kills / 2,
    killed_after: call.kind === 'sleep' ? 0 : profile.kills / 2,
    error: isService ? profile.errors : 0,
    answer_lost: isService ? profile.answersLost : 0,
    twice: isService && !IDEMPOTENT.test(call.label) ? profile.twice : 0,
    partial: PARTIAL.test(call.label) ? profile.partial : 0,
    calm: 1,
  });
}
