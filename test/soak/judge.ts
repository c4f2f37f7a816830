import type { Logged } from '../support/api-client.ts';
import type { LedgerLine } from '../support/receiver-child.ts';

/** A delivery that was promised: of an accepted event, to a webhook that subscribes to its type. `createdAt` is in milliseconds. */
export type Promised = { readonly deliveryId: string; readonly eventId: string; readonly createdAt: number };

export type Facts = {
  readonly promised: readonly Promised[];
  readonly log: readonly Logged[];
  readonly ledger: readonly LedgerLine[];
  /** When the system was killed, in milliseconds. */
  readonly kills: readonly number[];
};

/** What was found: how many deliveries stand how, how many requests came again after a kill, and what must not be. */
export type Judgement = {
  readonly standings: Readonly<Record<string, number>>;
  readonly duplicates: number;
  readonly violations: readonly string[];
};

/**
 * Compares, id by id, what was promised with the log and with the receiver's own ledger:
 *
 * - every promised delivery is in the log, and no other is in log or ledger;
 * - each attempt of the log has a request that was answered as the log says;
 * - a request beyond those was made again because the system had been killed since the event.
 */
export function judge({ promised, log, ledger, kills }: Facts): Judgement {
  const logged = new Map(log.map((one) => [one.id, one]));
  const requests = Map.groupBy(ledger, ({ delivery }) => delivery);
  const known = new Set(promised.map(({ deliveryId }) => deliveryId));
  const strays = [...new Set([...logged.keys(), ...requests.keys()])].filter((id) => !known.has(id));
  const judged = promised.map((one) => {
    const lines = (requests.get(one.deliveryId) ?? []).toSorted((a, b) => a.at - b.at);
    return { one, delivery: logged.get(one.deliveryId), lines };
  });
  return {
    standings: countsOf(judged.map(({ delivery }) => delivery?.status ?? 'lost')),
    duplicates: judged.reduce((sum, { delivery, lines }) => sum + extra(delivery, lines), 0),
    violations: [
      ...judged.flatMap(({ one, delivery, lines }) =>
        violationsOf(
          delivery,
          lines,
          kills.filter((at) => at >= one.createdAt),
        ).map((what) => `${one.deliveryId} of event ${one.eventId}: ${what}`),
      ),
      ...strays.map((id) => `${id}: nobody asked for this delivery`),
      ...(logged.size === log.length ? [] : ['the log has a delivery twice']),
    ],
  };
}

function countsOf(standings: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(standings, (standing) => standing);
  return Object.fromEntries([...groups].map(([standing, all]) => [standing, all.length]));
}

/** Requests beyond those that the log has attempts for. */
function extra(delivery: Logged | undefined, lines: readonly LedgerLine[]): number {
  return Math.max(0, lines.length - (delivery?.attempts_made ?? 0));
}

function violationsOf(
  delivery: Logged | undefined,
  lines: readonly LedgerLine[],
  killsSince: readonly number[],
): readonly string[] {
  if (delivery === undefined) return [`lost: it is not in the log, and the receiver got it ${lines.length} times`];
  const successes = delivery.status === 'succeeded' ? 1 : 0;
  const failures = delivery.attempts_made - successes - (isUnsent(delivery) ? 1 : 0);
  const taken = lines.filter(isTaken).length;
  const failed = lines.length - taken;
  const repeats = extra(delivery, lines);
  // A kill leaves one message of a delivery that is sent again, at most: the one that was being handled.
  const kills = killsSince.filter((at) => at <= (lines.at(-1)?.at ?? 0)).length;
  return [
    ...(taken < successes ? ['succeeded in the log, and the receiver never answered 2xx'] : []),
    ...(failed < failures ? [`${failures} attempts failed in the log, and the receiver failed ${failed}`] : []),
    ...(repeats > kills ? [`sent ${repeats} times more than the log says, after ${kills} kills`] : []),
    ...(isTimeless(delivery) ? ['retrying, and no time is set for it'] : []),
  ];
}

function isTaken({ status }: LedgerLine): boolean {
  return status >= 200 && status < 300;
}

/** Only these ends may be written without a request. */
function isUnsent({ status }: Logged): boolean {
  return status === 'dead' || status === 'cancelled';
}

function isTimeless(delivery: Logged): boolean {
  return delivery.status === 'retrying' && delivery.next_attempt_at === null;
}
