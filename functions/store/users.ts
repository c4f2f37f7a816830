import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isMadeUp, MADE_UP_USER_IDS_FROM, type User } from '../domain/namespace.ts';
import type { Version } from '../domain/version.ts';
import { ifHolds } from './conditional.ts';
import { type Item, nextNumber, type Table } from './table.ts';
import { readUser, userAttributes, userKey } from './user-item.ts';

export type UserStore = ReturnType<typeof userStore>;

/** The users that the service knows. */
export function userStore(table: Table) {
  return {
    /** An id for a user whose own is not known. */
    nextId: async (): Promise<number> => MADE_UP_USER_IDS_FROM + (await nextNumber(table, 'USER')),

    async get(username: string): Promise<User | undefined> {
      const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key: userKey(username) }));
      return item && readUser(item);
    },

    /** Adds a user; false where the name is taken. */
    async add(user: User): Promise<boolean> {
      const put = new PutCommand({
        TableName: table.name,
        Item: userItem(user),
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return (await ifHolds(table.db.send(put))) !== undefined;
    },

    /**
     * Adds or replaces a user by what is known as of a version. What is known as of a later one stays, but for an id that was made up:
     * the CI's takes its place whenever it comes, and is never replaced by one that was made up.
     */
    async note(user: User, version: Version): Promise<void> {
      if ((await replace(table, user, version)) || isMadeUp(user)) return;
      const update = new UpdateCommand({
        TableName: table.name,
        Key: userKey(user.username),
        UpdateExpression: 'SET id = :id',
        ConditionExpression: 'id >= :made_up',
        ExpressionAttributeValues: { ':id': user.id, ':made_up': MADE_UP_USER_IDS_FROM },
      });
      await ifHolds(table.db.send(update));
    },
  };
}

async function replace(table: Table, user: User, version: Version): Promise<boolean> {
  const id = isMadeUp(user) ? 'if_not_exists(id, :id)' : ':id';
  const update = new UpdateCommand({
    TableName: table.name,
    Key: userKey(user.username),
    UpdateExpression: `SET id = ${id}, username = :username, email = :email, created_at = :created_at, as_of = :version`,
    ConditionExpression: 'attribute_not_exists(as_of) OR as_of < :version',
    ExpressionAttributeValues: {
      ':id': user.id,
      ':username': user.username,
      ':email': user.email,
      ':created_at': user.createdAt,
      ':version': version,
    },
  });
  return (await ifHolds(table.db.send(update))) !== undefined;
}

function userItem(user: User): Item {
  return { ...userKey(user.username), ...userAttributes(user) };
}
