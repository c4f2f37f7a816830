import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { beginRecovery } from '../../functions/actions/recoveries.ts';
import { listWebhooks, showWebhook, type WebhookView } from '../../functions/actions/webhooks.ts';
import { RefusalError } from '../../functions/domain/errors.ts';
import { PAGE_MAX_ROWS } from '../../functions/domain/limits.ts';
import { offerOf } from '../../functions/domain/missed.ts';
import type { Cursor } from '../../functions/domain/page.ts';
import { progressOf, type Recovery } from '../../functions/domain/recovery.ts';
import { subscribedEvents, type Webhook } from '../../functions/domain/webhook.ts';
import { recoveryEntity } from '../../functions/web/api/log-entities.ts';
import { untilSignal } from '../signals.ts';
import { CommandError } from './command-error.ts';
import { type Connection, findNamespace, withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';
import { readTime } from './time.ts';
import { workOff } from './work-off.ts';

type RecoverOptions = Output & { readonly since: string; readonly until?: string; readonly status?: string };

/** `webhook list` and `webhook recover`. */
export function webhookCommand(): Command {
  return new Command('webhook')
    .description('The webhooks of a namespace')
    .addCommand(listCommand())
    .addCommand(recoverCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description("Show a namespace's webhooks, with what their last attempts came to.")
    .argument('<namespace>', 'as <username>/<path>, such as admin/demo')
    .option(...JSON_OPTION)
    .action((name: string, output: Output) =>
      withConnection(async (connection) => {
        const views = await allWebhooks(connection, name);
        print(output, views.map(factsOf), columns([HEAD, ...views.map(rowOf)]));
      }),
    );
}

function recoverCommand(): Command {
  return new Command('recover')
    .description(
      'Make deliveries of a stretch of time again: oldest first, 3,000 a minute. Ctrl-C leaves it to the schedule.',
    )
    .argument('<namespace>', 'as <username>/<path>, such as admin/demo')
    .argument('<id>', "the webhook's id, as webhook list shows it")
    .requiredOption('--since <when>', 'events from then on: 24h or 7d ago, or a time of RFC 3339')
    .option('--until <when>', 'events until then: likewise; until now where nothing is said')
    .option(
      '--status <status>',
      'where the deliveries stand: succeeded, retrying, held, dead or cancelled; or missed: dead, cancelled, or of events that came while the webhook was inactive',
      'dead',
    )
    .option(...JSON_OPTION)
    .action((name: string, id: string, options: RecoverOptions) =>
      withConnection(async (connection) => {
        const recovery = await recover(connection, { name, webhookId: readId(id) }, options);
        const url = `${connection.url}/n/${name}/-/webhooks/${id}/recoveries`;
        print(options, recoveryEntity(recovery, url), summaryOf(recovery, `${name}, webhook ${id}`));
      }),
    );
}

async function recover(
  { accounts, webhooks }: Connection,
  of: { readonly name: string; readonly webhookId: number },
  options: RecoverOptions,
): Promise<Recovery> {
  const namespace = await findNamespace(accounts, of.name);
  const { webhook } = await showWebhook(webhooks, namespace, of.webhookId).catch((cause: unknown) => {
    if (!(cause instanceof RefusalError)) throw cause;
    throw new CommandError(`${of.name} has no webhook ${of.webhookId}: see npm run ctl -- webhook list ${of.name}`);
  });
  const nowMs = webhooks.now();
  const until = options.until === undefined ? undefined : readTime(options.until, nowMs);
  const body = { since: readTime(options.since, nowMs), until, status: options.status };
  const begun = await beginRecovery(webhooks, { namespace, webhookId: webhook.id }, body);
  const interrupted = new AbortController();
  // The second one ends the process: the schedule goes on two minutes later.
  void untilSignal('SIGINT').then(() => interrupted.abort());
  return workOff(webhooks, begun, {
    onPage: options.json ? () => undefined : showProgress,
    signal: interrupted.signal,
    rest: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  });
}

/** One line that is written anew on a terminal, and a line per page elsewhere. */
function showProgress(recovery: Recovery): void {
  const percent = Math.floor(progressOf(recovery) * 100);
  const line = `${percent} %: ${recovery.deliveriesRead} read, ${recovery.deliveriesRedelivered} made again`;
  process.stderr.write(
    process.stderr.isTTY ? `\r\u001b[K${line}${recovery.status === 'running' ? '' : '\n'}` : `${line}\n`,
  );
}

function summaryOf(recovery: Recovery, name: string): string {
  const { status, id, reason, deliveriesRead: read, deliveriesRedelivered: redelivered } = recovery;
  const counts = `${redelivered} of ${read} deliveries are made again`;
  if (status === 'running') return `${name}: ${counts} so far. The recovery ${id} goes on in the background`;
  return `${name}: ${counts}. The recovery ${id} is ${status}${reason === undefined ? '' : `: ${reason}`}`;
}

async function allWebhooks({ accounts, webhooks }: Connection, name: string): Promise<readonly WebhookView[]> {
  const namespace = await findNamespace(accounts, name);
  const all: WebhookView[] = [];
  for (let cursor: Cursor | undefined; ; ) {
    const { views, next } = await listWebhooks(webhooks, namespace, { cursor, limit: PAGE_MAX_ROWS });
    all.push(...views);
    if (next === undefined) return all;
    cursor = next;
  }
}

const HEAD = ['ID', 'URL', 'ACTIVE', 'EVENTS', 'LAST ATTEMPT'] as const;

function rowOf({ webhook, lastAttempt, atMs }: WebhookView): readonly string[] {
  const outcome = lastAttempt?.error?.message ?? `The receiver answered ${lastAttempt?.response?.status}`;
  return [
    webhook.id.toString(),
    webhook.payloadUrl,
    stateOf(webhook, atMs),
    webhook.events.length === 0 ? 'all' : webhook.events.join(','),
    lastAttempt === undefined ? 'none yet' : `${lastAttempt.startedAt}  ${lastAttempt.status}: ${outcome}`,
  ];
}

/** Whether a webhook is active, and what its owner may want to know of that. */
function stateOf(webhook: Webhook, atMs: number): string {
  const { active, health, deactivation } = webhook;
  if (!active) return deactivation === undefined ? 'no' : `no: ${deactivation.reason}`;
  const offered = offerOf(webhook, atMs);
  return [
    'yes',
    ...(health?.failing === undefined ? [] : [`failing since ${isoOf(health.failing.sinceMs)}`]),
    ...(offered === undefined ? [] : [`may have missed events since ${isoOf(offered.sinceMs)}`]),
  ].join(', ');
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function factsOf({ webhook, lastAttempt, atMs }: WebhookView) {
  const offered = offerOf(webhook, atMs);
  const { id, payloadUrl, active, health, deactivation } = webhook;
  const last = lastAttempt && {
    status: lastAttempt.status,
    response_status: lastAttempt.response?.status ?? null,
    error: lastAttempt.error?.message ?? null,
    remote_address: lastAttempt.connection?.remoteAddress ?? null,
    started_at: lastAttempt.startedAt,
  };
  return {
    id,
    payload_url: payloadUrl,
    active,
    failing_since: health?.failing ? isoOf(health.failing.sinceMs) : null,
    deactivation: deactivation?.message ?? null,
    missed_since: offered ? isoOf(offered.sinceMs) : null,
    events: subscribedEvents(webhook),
    last_attempt: last ?? null,
  };
}

function readId(text: string): number {
  const id = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(id)) {
    throw new CommandError(`A webhook's id is a whole number from 1, not ${JSON.stringify(text)}`);
  }
  return id;
}
