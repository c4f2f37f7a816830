import type { WebhookView } from '../../../actions/webhooks.ts';
import type { JsonObject } from '../../../domain/fields.ts';
import { DELIVERY_RETENTION_DAYS } from '../../../domain/limits.ts';
import { offerOf } from '../../../domain/missed.ts';
import type { Webhook } from '../../../domain/webhook.ts';
import type { Form } from '../../form.ts';
import { endTimeOf, instantTyped, timeOf } from '../typed-time.ts';

/** What of a webhook's deliveries is asked for, as the form has it. `from` names a preset; another name stands for `since`. */
export type RecoveryFields = {
  readonly from: string;
  readonly since: string;
  readonly until: string;
  readonly status: string;
};

type Preset = { readonly name: string; readonly label: string; readonly sinceMs: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What was typed into the form of a recovery; what is missing is empty. */
export function readRecoveryFields(form: Form): RecoveryFields {
  return { from: form.text('from'), since: form.text('since'), until: form.text('until'), status: form.text('status') };
}

/** What is most likely meant: all that was missed, where that is offered, else what was given up since the receiver began to fail. */
export function likelyRecovery(view: WebhookView): RecoveryFields {
  const from = presetsOf(view)[0]?.name ?? 'day';
  return { from, since: '', until: '', status: from === 'missed' ? 'missed' : 'dead' };
}

/** The times from which on it can be asked for at a click, the likeliest first. */
export function presetsOf({ webhook, atMs }: WebhookView): readonly Preset[] {
  const offered = offerOf(webhook, atMs);
  const failingMs = webhook.health?.failing?.sinceMs ?? webhook.health?.recovered?.sinceMs;
  return [
    ...(offered ? [{ name: 'missed', label: 'Since it may have missed events', sinceMs: offered.sinceMs }] : []),
    ...(failingMs === undefined ? [] : [{ name: 'failing', label: 'Since it began to fail', sinceMs: failingMs }]),
    { name: 'day', label: 'The last 24 hours', sinceMs: atMs - DAY_MS },
    { name: 'week', label: 'The last 7 days', sinceMs: atMs - 7 * DAY_MS },
    {
      name: 'log',
      label: `All of the log, ${DELIVERY_RETENTION_DAYS} days`,
      sinceMs: atMs - DELIVERY_RETENTION_DAYS * DAY_MS,
    },
  ];
}

/** The time that is shown for what was missed, which reaches back by days: no webhook has missed what happened before it was created. */
export function missedFromMs({ sinceMs }: Pick<Preset, 'sinceMs'>, { createdAt }: Pick<Webhook, 'createdAt'>): number {
  return Math.max(sinceMs, Date.parse(createdAt));
}

/** Until when, where that is said: a day, until it is over, or until now where it is today. */
function untilOf(typed: string, atMs: number): JsonObject {
  if (typed.trim() === '') return {};
  const [beginMs, endMs] = [timeOf(typed), endTimeOf(typed)];
  if (beginMs === undefined || endMs === undefined || beginMs > atMs) return { until: instantTyped(typed) };
  return endMs > atMs ? {} : { until: new Date(endMs).toISOString() };
}

/** The body of the request that the form stands for. */
export function recoveryRequest({ from, since, until, status }: RecoveryFields, view: WebhookView): JsonObject {
  const preset = presetsOf(view).find(({ name }) => name === from);
  return {
    since: preset ? new Date(preset.sinceMs).toISOString() : instantTyped(since),
    ...untilOf(until, view.atMs),
    status,
  };
}
