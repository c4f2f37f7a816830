import { fauxqsHasChanged, moduleOfFauxqs } from './fauxqs-module.ts';

/** The characters that SQS takes, and so every one of ours that is not among them (SendMessage, `MessageBody`). */
const NOT_FOR_SQS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Mends fauxqs 2.4.1, of which every process has one. */
export async function mendFauxqs(): Promise<void> {
  await takeAllCharacters();
  await commitOnceForAll();
}

/**
 * It refuses every message with a character beyond U+FFFF, such as an emoji: its check is written without the `u` flag and
 * takes both halves of a surrogate pair for invalid. Payloads must arrive as they were sent, so escaping them is no way out.
 * The check is a regular expression that two of its modules share.
 */
async function takeAllCharacters(): Promise<void> {
  const shared = (await moduleOfFauxqs('./sqs/sqsTypes.js')) as { readonly INVALID_MESSAGE_BODY_CHAR?: RegExp };
  const check = shared.INVALID_MESSAGE_BODY_CHAR;
  if (check === undefined) throw fauxqsHasChanged('takes emojis');
  check.test = (body) => NOT_FOR_SQS.test(body);
}

type Persistence = Record<string, (...parameters: unknown[]) => unknown> & {
  readonly db?: { readonly isTransaction: boolean; exec(statement: string): void };
};

/**
 * What it writes of messages, one by one, and whether it must be on the disk before the answer goes out (`FULL`). What is only
 * received or deleted (`NORMAL`) is safe from the end of the process, and comes again after that of the machine; whole or
 * not at all, as every transaction.
 */
const WRITES = {
  insertMessage: 'FULL',
  deleteMessage: 'NORMAL',
  updateMessageInflight: 'NORMAL',
  updateMessageReady: 'NORMAL',
} as const;

/**
 * It commits, and so waits for the disk, for each message of a request: ten times for a batch of ten. Here what a request
 * writes is one transaction. Its handlers write without a pause and their result is awaited, so that a microtask which the first
 * write leaves runs after the last one and before the answer goes out. A commit that fails ends the process: what was not
 * answered is sent again.
 */
async function commitOnceForAll(): Promise<void> {
  const { PersistenceManager } = (await moduleOfFauxqs('./persistence.js')) as {
    readonly PersistenceManager?: { readonly prototype: Persistence };
  };
  for (const [name, safety] of Object.entries(WRITES)) {
    const write = PersistenceManager?.prototype[name];
    if (PersistenceManager === undefined || write === undefined) throw fauxqsHasChanged('commits batches');
    PersistenceManager.prototype[name] = function (this: Persistence, ...parameters) {
      const { db } = this;
      if (db !== undefined && !db.isTransaction) {
        db.exec(`PRAGMA synchronous = ${safety}; BEGIN`);
        queueMicrotask(() => db.exec('COMMIT'));
      }
      return write.apply(this, parameters);
    };
  }
}
