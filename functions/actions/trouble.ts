import type { AttemptErrorClass } from '../domain/delivery.ts';
import type { Ending } from './record.ts';

/**
 * What of a batch was not well: attempts that failed, deliveries that ended dead or are held, and messages that come again. `undelivered`
 * are those that failed, and those that were not made for their receivers keep failing or keep us waiting: where we are cut off from all
 * receivers, there are soon few of the first and many of the second. `unsigned` are those that are held because no secret can be opened.
 */
export type Trouble = Readonly<Record<'failed' | 'dead' | 'held' | 'undelivered' | 'unsigned' | 'handedBack', number>>;

/** Of what is held, what its receiver is the reason of; a pause is a user's will. */
const BY_THE_RECEIVER: readonly (AttemptErrorClass | undefined)[] = ['circuit_open', 'busy'];

/** What of a batch was not well; undefined where all was. */
export function troubleOf(endings: readonly Ending[], isDone: readonly boolean[]): Trouble | undefined {
  const attempts = endings.flatMap((ending) => (ending.kind === 'attempted' ? [ending.attempt] : []));
  const dead = attempts.filter(({ status }) => status === 'dead').length;
  const failed = attempts.filter(({ status }) => status === 'retrying').length + dead;
  const held = attempts.filter(({ status }) => status === 'held');
  const trouble = {
    failed,
    dead,
    held: held.length,
    undelivered: failed + held.filter(({ error }) => BY_THE_RECEIVER.includes(error?.class)).length,
    unsigned: held.filter(({ error }) => error?.class === 'unsigned').length,
    handedBack: isDone.filter((done) => !done).length,
  };
  return Object.values(trouble).some((number) => number > 0) ? trouble : undefined;
}
