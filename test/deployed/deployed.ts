import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CATALOGUE, type EventType } from '../../functions/domain/catalogue.ts';
import { SEVERAL_EVENTS, writeDetail } from '../../functions/domain/event.ts';
import { EVENT_SOURCE } from '../../functions/transport/bus.ts';
import { local } from '../../infra/local/aws.ts';
import type { Hints, Outputs } from '../../infra/outputs.ts';
import { severalDetail } from '../support/several-events.ts';
import type { Client } from './client.ts';
import { STACK } from './deploy.ts';
import type { Emulator } from './emulator.ts';
import type { Progress } from './progress.ts';
import type { Receiver } from './receiver.ts';
import { run } from './run.ts';

/** The deployed stack, and all whom it has to do with: its operator, a user, a producer of events and a receiver. */
export type Deployed = Progress & {
  readonly outputs: Outputs & Hints;
  readonly receiver: Receiver;
  readonly operator: Operator;
  /** A user, by the operator's first token. */
  readonly user: Client;
  readonly producer: Producer;
  readonly aws: Aws;
};

export type Operator = {
  /** Runs a command on the stack; answers what it prints as JSON. */
  readonly ctl: <T>(...words: readonly string[]) => Promise<T>;
  /** Types what an output of the stack says to type. */
  readonly type: (command: string) => Promise<string>;
};

export function operator({ env }: Emulator): Operator {
  return {
    async ctl<T>(...words: readonly string[]) {
      const command = ['run', '--silent', 'ctl', '--', '--stack', STACK, ...words, '--json'];
      return JSON.parse(await run('npm', command, env)) as T;
    },
    type: (command) => run('sh', ['-c', command], env),
  };
}

export type Aws = {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly eventbridge: EventBridgeClient;
};

/** Clients of the test's own: to put events, and to do and see what no user can. */
export function clients(url: string): Aws {
  const settings = local(url);
  return {
    sqs: new SQSClient(settings),
    dynamodb: new DynamoDBClient(settings),
    eventbridge: new EventBridgeClient(settings),
  };
}

/** An event that is on the bus. */
export type Put = {
  readonly id: string;
  readonly createdAt: string;
  readonly type: EventType;
  readonly payload: unknown;
};

type Happening = { readonly namespaceId: number; readonly type: EventType; readonly payload?: unknown };

export type Producer = {
  /** Puts an event on the bus, with the sample of its type where no payload is named. */
  readonly put: (happening: Happening) => Promise<Put>;
  /** Puts an event of each of these types on the bus, all of them in one entry. */
  readonly putTogether: (namespaceId: number, types: readonly EventType[]) => Promise<readonly Put[]>;
  /** Puts an entry as it is. */
  readonly putEntry: (entry: PutEventsRequestEntry) => Promise<void>;
};

/** The CI, as the bus knows it. */
export function producer({ eventbridge }: Aws, { EventBusName }: Outputs): Producer {
  const putEntry = async (entry: PutEventsRequestEntry) => {
    const { FailedEntryCount } = await eventbridge.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount !== 0) throw new Error(`The bus did not take ${JSON.stringify(entry)}`);
  };
  const eventOf = (type: EventType, payload: unknown = CATALOGUE[type].sample) => ({
    id: randomUUID(),
    createdAt: new Date().toISOString(),
    type,
    payload,
  });
  return {
    putEntry,
    async put({ namespaceId, type, payload }) {
      const event = eventOf(type, payload);
      const Detail = writeDetail({ ...event, namespaceId, payload: JSON.stringify(event.payload) });
      await putEntry({ EventBusName, Source: EVENT_SOURCE, DetailType: type, Detail });
      return event;
    },
    async putTogether(namespaceId, types) {
      const events = types.map((type) => eventOf(type));
      const written = events.map((event) => ({ ...event, namespaceId, payload: JSON.stringify(event.payload) }));
      await putEntry({
        EventBusName,
        Source: EVENT_SOURCE,
        DetailType: SEVERAL_EVENTS,
        Detail: severalDetail(written),
      });
      return events;
    },
  };
}
