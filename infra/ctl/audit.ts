import { Command } from 'commander';
import { audit } from '../../functions/actions/audit.ts';
import { type AuditReport, STANDINGS, type Violation, type ViolationKind } from '../../functions/domain/audit.ts';
import { AUDIT_MISSING_AFTER_HOURS, DELIVERY_RETENTION_DAYS } from '../../functions/domain/limits.ts';
import { CommandError } from './command-error.ts';
import { findNamespace, withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';
import { progress } from './progress.ts';
import { readTimeMs } from './time.ts';

/** What the process ends with where something is wrong with deliveries, and not with the command. */
const VIOLATED = 2;

type Options = Output & { readonly since: string; readonly until?: string };
/** What was audited: a namespace's name, and the times as ISO 8601. */
type Stretch = { readonly namespace: string; readonly since: string; readonly until: string };

/** `audit`: whether every delivery of a namespace is accounted for. */
export function auditCommand(): Command {
  return new Command('audit')
    .description(
      'Check that nothing was lost: each event, and each webhook that it was for, against the log. Reads only. Ends with 2 where something of that is wrong, and with 1 where it could not be checked.',
    )
    .argument('<namespace>', 'as <username>/<path>, such as admin/demo')
    .option(
      '--since <when>',
      'events from then on: 24h or 7d ago, or a time of RFC 3339',
      `${DELIVERY_RETENTION_DAYS}d`,
    )
    .option('--until <when>', 'events until then: likewise; until now where nothing is said')
    .option(...JSON_OPTION)
    .action((namespace: string, options: Options) =>
      withConnection(async ({ accounts, audits }) => {
        const { id: namespaceId } = await findNamespace(accounts, namespace);
        const nowMs = audits.now();
        const sinceMs = readTimeMs(options.since, nowMs);
        const untilMs = options.until === undefined ? nowMs : readTimeMs(options.until, nowMs);
        if (untilMs <= sinceMs) throw new CommandError('--until must be after --since');
        const line = progress((count) => `${count} events audited`);
        const report = await audit(audits, { namespaceId, sinceMs, untilMs }, { onProgress: line.at }).finally(
          line.end,
        );
        const [since, until] = [new Date(sinceMs).toISOString(), new Date(untilMs).toISOString()];
        print(options, factsOf({ namespace, since, until }, report), textOf({ namespace, since, until }, report));
        if (report.violationCount > 0) process.exitCode = VIOLATED;
      }),
    );
}

/** What each kind of violation is, and what to do about it. */
const ADVICE: Readonly<Record<ViolationKind, string>> = {
  missing:
    `no attempt in the ${AUDIT_MISSING_AFTER_HOURS} hours since the event came. Is deliver running? Is its message among ` +
    'dead-letters list? If neither, send the event again under the same id and created_at: only what is missing is delivered.',
  stuck: 'waits for a retry that nobody will make. Make it again: webhook recover --status retrying.',
  succeeded_twice: 'two attempts of one run succeeded. Nothing is lost, but that is a bug: report it.',
  gap: 'the log lacks attempts between others. Nobody deletes them but TTL: was the table restored, or written by hand?',
  after_cancelled: 'was attempted after it had been cancelled. Nothing is lost, but that is a bug: report it.',
};

function textOf(of: Stretch, report: AuditReport): string {
  const { events, matching, counts, expired, oldestQueuedAt, oldestDueAt } = report;
  const notes: Readonly<Record<string, string>> = {
    ...(oldestQueuedAt === undefined ? {} : { queued: `not attempted yet; the oldest event came ${oldestQueuedAt}` }),
    ...(oldestDueAt === undefined ? {} : { retrying: `the next attempt is due ${oldestDueAt}` }),
  };
  const rows = STANDINGS.map((standing) => [standing, counts[standing].toString(), notes[standing] ?? '']);
  return [
    `${of.namespace}: ${events} events from ${of.since} until ${of.until}`,
    columns([['STATUS', 'DELIVERIES', ''], ...rows, ['all', matching.toString(), '']]),
    ...(expired === 0 ? [] : [`${expired} more are too old for the log, which keeps ${DELIVERY_RETENTION_DAYS} days.`]),
    ...verdictOn(report),
  ].join('\n');
}

function verdictOn({ violations, violationCount }: AuditReport): readonly string[] {
  if (violationCount === 0) return ['Every delivery is accounted for.'];
  const kinds = new Set(violations.map(({ kind }) => kind));
  const hidden = violationCount - violations.length;
  return [
    `${violationCount} found that must not be:`,
    columns([['WHAT', 'WEBHOOK', 'DELIVERY', 'EVENT'], ...violations.map(rowOf)]),
    ...(hidden === 0 ? [] : [`and ${hidden} more.`]),
    ...[...kinds].map((kind) => `${kind}: ${ADVICE[kind]}`),
  ];
}

function rowOf({ kind, webhookId, deliveryId, eventId }: Violation): readonly string[] {
  return [kind, webhookId.toString(), deliveryId, eventId];
}

function factsOf(of: Stretch, report: AuditReport) {
  return {
    ...of,
    events: report.events,
    matching: report.matching,
    ...report.counts,
    expired: report.expired,
    oldest_queued_at: report.oldestQueuedAt ?? null,
    oldest_due_at: report.oldestDueAt ?? null,
    violation_count: report.violationCount,
    violations: report.violations.map(({ kind, webhookId, deliveryId, eventId }) => ({
      kind,
      webhook_id: webhookId,
      delivery_id: deliveryId,
      event_id: eventId,
    })),
  };
}
