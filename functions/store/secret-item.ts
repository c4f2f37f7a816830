import type { Webhook } from '../domain/webhook.ts';

type Secrets = Partial<Record<'sealedSecret' | 'previousSecret', unknown>>;

/**
 * The condition that a change of the secret is written under: both secrets are as they were seen. Of two that replace it at the
 * same moment, the later one must keep the other's, and not the one before. True of any change that leaves them alone.
 */
export function secretsAsSeen(seen: Webhook, change: Secrets) {
  if (change.sealedSecret === undefined && change.previousSecret === undefined) return { condition: [], values: [] };
  const attributes = { sealed_secret: seen.sealedSecret, previous_secret: seen.previousSecret };
  return {
    condition: Object.entries(attributes).map(([name, value]) =>
      value === undefined ? `attribute_not_exists(${name})` : `${name} = :seen_${name}`,
    ),
    values: Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[`:seen_${name}`, value] as const],
    ),
  };
}
