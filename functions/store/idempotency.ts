import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { IDEMPOTENCY_RETENTION_HOURS } from '../domain/limits.ts';
import { type Item, type Key, TABLE_SCHEMA, type Table } from './table.ts';

/** What the first request with a key fixed: which event it sends, and, by its hash, with which body. */
export type Claim = { readonly eventId: string; readonly createdAt: string; readonly bodyHash: string };

export type IdempotencyStore = ReturnType<typeof idempotencyStore>;

/** What requests with an `Idempotency-Key` did, for a day. */
export function idempotencyStore(table: Table) {
  return {
    /**
     * The claim that holds for a user's key: the given one where the key is new or its claim a day old, else the one of the
     * first request. Of two at once one is the first.
     */
    async claim(of: { readonly username: string; readonly key: string }, given: Claim, nowMs: number): Promise<Claim> {
      const Key = claimKey(of);
      try {
        await table.db.send(
          new PutCommand({ TableName: table.name, ...ifFree(nowMs), Item: claimItem(Key, given, nowMs) }),
        );
        return given;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
      // It expired between the two calls. Whoever repeats the request finds the key free.
      if (item === undefined) throw new Error('The claim of an Idempotency-Key went away while it was read');
      return readClaim(item as Item);
    },
  };
}

/** Not by the time to live alone: DynamoDB takes its time, up to days. */
function ifFree(nowMs: number) {
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR #expires <= :now',
    ExpressionAttributeNames: { '#expires': TABLE_SCHEMA.timeToLive },
    ExpressionAttributeValues: { ':now': nowMs / 1000 },
  };
}

/** A partition for each key, not one for each user: a producer may send for the whole CI. No username has a `#` in it. */
function claimKey({ username, key }: { readonly username: string; readonly key: string }): Key {
  return { pk: `IDEMPOTENCY#${username}#${key}`, sk: 'IDEMPOTENCY' };
}

function claimItem(key: Key, { eventId, createdAt, bodyHash }: Claim, nowMs: number): Item {
  const expires = Math.ceil(nowMs / 1000) + IDEMPOTENCY_RETENTION_HOURS * 60 * 60;
  return {
    ...key,
    event_id: eventId,
    event_created_at: createdAt,
    body_hash: bodyHash,
    [TABLE_SCHEMA.timeToLive]: expires,
  };
}

function readClaim(item: Item): Claim {
  return {
    eventId: String(item['event_id']),
    createdAt: String(item['event_created_at']),
    bodyHash: String(item['body_hash']),
  };
}
