import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { User } from '../domain/namespace.ts';
import type { Version } from '../domain/version.ts';
import { ifHolds } from './conditional.ts';
import { type Item, nextNumber, type Table } from './table.ts';
import { readUser, userAttributes, userKey } from './user-item.ts';

export type UserStore = ReturnType<typeof userStore>;

/** The users that the service knows. */
export function userStore(table: Table) {
  return {
    nextId: (): Promise<number> => nextNumber(table, 'USER'),

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

    /** Adds or replaces a user by what is known as of a version. What is known as of a later one stays. */
    async note(user: User, version: Version): Promise<void> {
      const put = new PutCommand({
        TableName: table.name,
        Item: { ...userItem(user), as_of: version },
        ConditionExpression: 'attribute_not_exists(as_of) OR as_of < :version',
        ExpressionAttributeValues: { ':version': version },
      });
      await ifHolds(table.db.send(put));
    },
  };
}

function userItem(user: User): Item {
  return { ...userKey(user.username), ...userAttributes(user) };
}
