import type { AccountDeps } from '../../functions/actions/accounts.ts';
import type { AuditDeps } from '../../functions/actions/audit.ts';
import type { RecoveryDeps } from '../../functions/actions/recoveries.ts';
import type { RemoveDeps } from '../../functions/actions/remove-namespace.ts';
import type { WebhookDeps } from '../../functions/actions/webhooks.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { lambdaWorld } from '../../functions/runtime/bus-world.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { tableOf, type World } from '../../functions/runtime/world.ts';
import { attemptStore } from '../../functions/store/attempts.ts';
import { eventStore } from '../../functions/store/events.ts';
import { accountDeps } from '../accounts.ts';
import { dataDir, readRunFile } from '../local/data-dir.ts';
import { localWorld, type Settings } from '../local/engines.ts';
import type { QueueName } from '../queues.ts';
import { CommandError } from './command-error.ts';
import { explained, readOutputs } from './stack.ts';

/** Names the deployed stack to work on: an option of every command, and in the environment. */
const STACK_VARIABLE = 'DJINN_STACK';

/** The system that a command works on. */
export type Connection = {
  readonly url: string;
  readonly world: World;
  readonly settings: Settings;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
  readonly accounts: AccountDeps & RemoveDeps;
  readonly webhooks: WebhookDeps & RecoveryDeps;
  readonly audits: AuditDeps;
};

type Place = Omit<Connection, 'accounts' | 'webhooks' | 'audits'>;

/** Makes the commands of this process work on a deployed stack. */
export function useStack(name: string): void {
  process.env[STACK_VARIABLE] = name;
}

/** Runs a command's work on the stack that is named, else on the system that runs on this machine, and lets go of it. */
export async function withConnection(work: (connection: Connection) => Promise<void>): Promise<void> {
  const stack = process.env[STACK_VARIABLE];
  if (!stack) return workOn(localPlace(), work);
  try {
    await workOn(await stackPlace(stack), work);
  } catch (error) {
    throw explained(error);
  }
}

async function workOn(place: Place, work: (connection: Connection) => Promise<void>): Promise<void> {
  const { world, settings } = place;
  try {
    const accounts = accountDeps(world, settings.TABLE_NAME);
    const table = tableOf(world, settings.TABLE_NAME);
    const audits = { events: eventStore(table), attempts: attemptStore(table), now: world.now };
    await work({ ...place, accounts, webhooks: apiDeps(settings, world), audits });
  } finally {
    for (const client of [world.dynamodb, world.sqs, world.kms, world.eventbridge]) client.destroy();
  }
}

function localPlace(): Place {
  const { url, endpoints, settings, queueUrls } = readRunFile(dataDir());
  return { url, settings, queueUrls, world: localWorld(endpoints) };
}

async function stackPlace(stack: string): Promise<Place> {
  const outputs = await readOutputs(stack);
  return {
    url: outputs.ApiUrl.replace(/\/$/, ''),
    world: lambdaWorld(),
    settings: {
      TABLE_NAME: outputs.TableName,
      KMS_KEY_ID: outputs.KmsKeyId,
      EVENT_BUS_NAME: outputs.EventBusName,
      DELIVERIES_QUEUE_URL: outputs.DeliveriesQueueUrl,
      EVENTS_DEAD_LETTER_QUEUE_URL: outputs.EventsDeadLetterQueueUrl,
      PUBLIC_URL: outputs.ApiUrl,
      // No command calls receivers, or says whom to call: the strictest is right, whatever the stack allows.
      ALLOWED_NETWORKS: '',
      ALLOW_INSECURE_TLS: 'false',
    },
    queueUrls: {
      events: outputs.EventsQueueUrl,
      deliveries: outputs.DeliveriesQueueUrl,
      'events-dead-letter': outputs.EventsDeadLetterQueueUrl,
      'deliveries-dead-letter': outputs.DeliveriesDeadLetterQueueUrl,
    },
  };
}

/**
 * The namespace that a command names. Throws CommandError where there is none; it says how to add one to whoever begins something there, and
 * not to whoever looks at what there is, or removes it.
 */
export async function findNamespace(
  accounts: AccountDeps,
  name: string,
  { begins = false }: { readonly begins?: boolean } = {},
): Promise<Namespace> {
  const { username, path } = readNamespaceName(name);
  const namespace = await accounts.namespaces.byPath(username, path);
  if (namespace !== undefined) return namespace;
  throw new CommandError(`No namespace ${name}${begins ? `: add it with npm run ctl -- namespace add ${name}` : ''}`);
}

/** Reads `<username>/<path>`, as namespaces are named on the command line. */
export function readNamespaceName(name: string): { readonly username: string; readonly path: string } {
  const [, username, path] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  if (username === undefined || path === undefined) {
    throw new CommandError(`Name the namespace as <username>/<path>, such as admin/demo, not ${JSON.stringify(name)}`);
  }
  return { username, path };
}
