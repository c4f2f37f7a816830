import { WEBHOOKS_PER_NAMESPACE_MAX } from '../domain/limits.ts';
import type { Verdicts } from '../domain/webhook.ts';
import { type Packed, pack, unpack } from './packing.ts';
import type { Item } from './table.ts';

/**
 * Verdicts on more webhooks than these are packed, to a third of their bytes: every batch of an event's deliveries reads its item, and would
 * have to read number by number what it does not look at.
 */
const PLAIN_MAX = 20;

type VerdictAttributes = {
  readonly verdicts: Verdicts;
  readonly verdicts_packed?: { readonly e: Packed['encoding']; readonly d: Uint8Array };
};

/** The attributes that have an event's verdicts. */
export function verdictAttributes(verdicts: Verdicts): VerdictAttributes {
  const count = Object.values(verdicts).reduce((sum, ids) => sum + ids.length, 0);
  if (count <= PLAIN_MAX) return { verdicts };
  const { encoding, data } = pack(Buffer.from(JSON.stringify(verdicts), 'utf8'));
  const { sent = [] } = verdicts;
  // An earlier release, after a rollback, reads these alone, and sends to them what was cut on the way. No namespace has more.
  const isPlain = sent.length > 0 && sent.length <= WEBHOOKS_PER_NAMESPACE_MAX;
  return { verdicts: isPlain ? { sent } : {}, verdicts_packed: { e: encoding, d: data } };
}

/** What a query asks for, so that `readVerdicts` has it. */
export const VERDICT_ATTRIBUTES = 'verdicts, verdicts_packed';

/** Reads an event's verdicts from its item. */
export function readVerdicts(item: Item): Verdicts {
  const packed = item['verdicts_packed'] as VerdictAttributes['verdicts_packed'];
  if (packed === undefined) return item['verdicts'] as Verdicts;
  return JSON.parse(Buffer.from(unpack({ encoding: packed.e, data: packed.d })).toString('utf8')) as Verdicts;
}
