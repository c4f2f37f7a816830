import type { Ending } from './record.ts';

/** What of a batch was not well: attempts that failed, deliveries that ended dead or are held, and messages that come again. */
export type Trouble = Readonly<Record<'failed' | 'dead' | 'held' | 'handedBack', number>>;

/** What of a batch was not well; undefined where all was. */
export function troubleOf(endings: readonly Ending[], isDone: readonly boolean[]): Trouble | undefined {
  const statuses = endings.flatMap((ending) => (ending.kind === 'attempted' ? [ending.attempt.status] : []));
  const [dead, held] = [count(statuses, 'dead'), count(statuses, 'held')];
  const trouble = { failed: count(statuses, 'retrying') + dead, dead, held, handedBack: count(isDone, false) };
  return Object.values(trouble).some((number) => number > 0) ? trouble : undefined;
}

function count<T>(all: readonly T[], one: T): number {
  return all.filter((each) => each === one).length;
}
