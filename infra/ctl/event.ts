import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Command } from 'commander';
import { CATALOGUE, EVENT_TYPES, type EventType, isEventType } from '../../functions/domain/catalogue.ts';
import { boundedDetail } from '../../functions/domain/event-input.ts';
import { BusError, bus } from '../../functions/transport/bus.ts';
import { CommandError } from './command-error.ts';
import { type Connection, findNamespace, withConnection } from './connection.ts';
import { JSON_OPTION, type Output, print } from './output.ts';

type EmitOptions = Output & { readonly namespace: string; readonly file?: string };

/** `event emit`. */
export function eventCommand(): Command {
  const emit = new Command('emit')
    .description('Put an event on the bus, as the CI does.')
    .argument('<type>', `one of ${EVENT_TYPES.join(', ')}`)
    .option('--namespace <namespace>', 'where it happens, as <username>/<path>', 'admin/demo')
    .option('--file <file>', "the payload's JSON; - reads standard input; a sample of the type where none is named")
    .option(...JSON_OPTION)
    .action((type: string, options: EmitOptions) =>
      withConnection(async (connection) => {
        if (!isEventType(type))
          throw new CommandError(`Unknown event type ${JSON.stringify(type)}. All types: ${EVENT_TYPES.join(', ')}`);
        const id = await emitEvent(connection, type, options);
        const { namespace } = options;
        print(options, { id, type, namespace }, `Emitted ${type} in ${namespace} as event ${id}`);
      }),
    );
  return new Command('event').description('Events of the CI').addCommand(emit);
}

async function emitEvent(connection: Connection, type: EventType, options: EmitOptions): Promise<string> {
  const { accounts, world, settings } = connection;
  const payload = options.file === undefined ? JSON.stringify(CATALOGUE[type].sample) : await readPayload(options.file);
  const namespace = await findNamespace(accounts, options.namespace, { begins: true });
  const createdAt = new Date(world.now()).toISOString();
  const event = { id: randomUUID(), type, namespaceId: namespace.id, createdAt, payload };
  try {
    await bus(world.eventbridge, settings.EVENT_BUS_NAME).put({ type, detail: boundedDetail(event) });
  } catch (cause) {
    if (cause instanceof BusError) throw new CommandError(`The bus refused the event: ${cause.message}`, { cause });
    throw cause;
  }
  return event.id;
}

async function readPayload(file: string): Promise<string> {
  const text = (await readText(file)).trim();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Said below, in the same words as for what is JSON but no object.
  }
  throw new CommandError(`The payload must be a JSON object: look at ${file === '-' ? 'what was piped in' : file}`);
}

async function readText(file: string): Promise<string> {
  try {
    // As a stream: a pipe whose other end is slow has nothing to read yet, which a synchronous read takes for an error.
    return file === '-' ? await textOf(process.stdin) : readFileSync(file, 'utf8');
  } catch (cause) {
    const what = file === '-' ? 'Standard input' : file;
    throw new CommandError(`${what} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
