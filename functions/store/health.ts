import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { HealthChange } from '../domain/health.ts';
import type { Webhook } from '../domain/webhook.ts';
import { ifHolds } from './conditional.ts';
import { healthAttribute } from './health-item.ts';
import type { Table } from './table.ts';
import { webhookKey } from './webhook-item.ts';

export type HealthStore = ReturnType<typeof healthStore>;

/** How the receivers of webhooks do: kept on the webhooks' own items, which are read for every attempt anyway. */
export function healthStore(table: Table) {
  return {
    /**
     * Saves what was judged of an active webhook as `seen`, deactivation included. False where anybody has changed its health,
     * its URL or whether it is active since, or it is gone: then it is to be judged again, as it is by now.
     */
    async save(seen: Webhook, change: HealthChange): Promise<boolean> {
      try {
        return (await ifHolds(table.db.send(new UpdateCommand(updateOf(table, seen, change))))) !== undefined;
      } catch (error) {
        // A user's change is being written at this moment, and wins.
        if (error instanceof TransactionConflictException) return false;
        throw error;
      }
    },
  };
}

function updateOf(table: Table, seen: Webhook, { health, deactivation }: HealthChange) {
  const { healthRevision = 0 } = seen;
  const isAsSeen = healthRevision === 0 ? 'attribute_not_exists(health_revision)' : 'health_revision = :seen';
  const deactivate = deactivation ? ', active = :no, deactivation = :deactivation' : '';
  return {
    TableName: table.name,
    Key: webhookKey(seen.namespaceId, seen.id),
    UpdateExpression: `SET health = :health, health_revision = :next${deactivate}`,
    ConditionExpression: `${isAsSeen} AND active = :yes AND payload_url = :url AND attribute_not_exists(deleted_by)`,
    ExpressionAttributeValues: {
      ':health': healthAttribute(health),
      ':next': healthRevision + 1,
      ':yes': true,
      ':url': seen.payloadUrl,
      ...(healthRevision === 0 ? {} : { ':seen': healthRevision }),
      ...(deactivation ? { ':no': false, ':deactivation': deactivation } : {}),
    },
  };
}
