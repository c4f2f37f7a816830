import type { PreviousSecret } from '../domain/secret.ts';
import type { Missed, Pause, Webhook } from '../domain/webhook.ts';
import { healthAttribute } from './health-item.ts';
import { missedAttribute } from './missed-item.ts';
import { secretsAsSeen } from './secret-item.ts';
import { webhookKey } from './webhook-item.ts';

/**
 * What is to be changed of a webhook: absent keeps its value, and a secret of null is removed. From `startedOverMs` on nothing
 * counts any more that is known of its receiver. Naming `active` makes that the user's own will, whatever the service did, and says what
 * the webhook `missed`.
 */
export type StoredChange = Partial<Pick<Webhook, 'payloadUrl' | 'ssl' | 'active' | 'events'>> & {
  readonly sealedSecret?: string | null | undefined;
  readonly previousSecret?: PreviousSecret | null | undefined;
  readonly startedOverMs?: number | undefined;
  readonly pause?: Pause | null | undefined;
  readonly missed?: Missed | undefined;
};

/** A namespace's webhooks end with it, and their items stay a while: readers do not see them. */
export const NOT_DELETED = { ConditionExpression: 'attribute_not_exists(deleted_by)' };

/**
 * Sets what is given and removes what is null, where the webhook is as it was seen. What was judged of its health at the same
 * moment has to be judged again.
 */
export function updateOf(seen: Webhook, change: StoredChange) {
  const attributes = {
    payload_url: change.payloadUrl,
    ssl: change.ssl,
    active: change.active,
    events: change.events,
    sealed_secret: change.sealedSecret,
    previous_secret: change.previousSecret,
    deactivation: change.active === undefined ? undefined : null,
    health: change.startedOverMs === undefined ? undefined : healthAttribute({ healthyMs: change.startedOverMs }),
    pause: change.pause && { since_ms: change.pause.sinceMs, until_ms: change.pause.untilMs },
    missed: change.missed && missedAttribute(change.missed),
  };
  const secrets = secretsAsSeen(seen, change);
  const given = Object.entries({ ...attributes, id: seen.id }).filter(([, value]) => value !== undefined);
  const [set, removed] = [given.filter(([, value]) => value !== null), given.filter(([, value]) => value === null)];
  const sets = `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`;
  const removes = removed.length === 0 ? '' : ` REMOVE ${removed.map(([name]) => `#${name}`).join(', ')}`;
  return {
    Key: webhookKey(seen.namespaceId, seen.id),
    UpdateExpression: `${sets}${removes} ADD health_revision :one`,
    ConditionExpression: [
      `payload_url = :seen_url AND #ssl = :seen_ssl AND ${NOT_DELETED.ConditionExpression}`,
      ...secrets.condition,
      ...(change.active === undefined ? [] : ['#active = :seen_active']),
    ].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries([['#ssl', 'ssl'], ...given.map(([name]) => [`#${name}`, name])]),
    ExpressionAttributeValues: Object.fromEntries([
      [':seen_url', seen.payloadUrl],
      [':seen_ssl', seen.ssl],
      [':one', 1],
      ...secrets.values,
      ...(change.active === undefined ? [] : [[':seen_active', seen.active] as const]),
      ...set.map(([name, value]) => [`:${name}`, value]),
    ]),
  };
}
