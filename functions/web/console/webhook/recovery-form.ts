import { html } from 'hono/html';
import type { WebhookView } from '../../../actions/webhooks.ts';
import type { Recoverable } from '../../../domain/recovery.ts';
import type { Html } from '../frame.ts';
import type { NamespaceVisit } from '../pages.ts';
import { choice } from '../parts/choice.ts';
import { describedBy, field, notes } from '../parts/field.ts';
import { exactTime } from '../words.ts';
import type { FormProblem } from './form-problem.ts';
import { missedFromMs, presetsOf, type RecoveryFields } from './recovery-fields.ts';

/** What can be made again, the likeliest first. */
const STATUSES: Readonly<Record<Recoverable, string>> = {
  dead: 'Given up: no attempt succeeded',
  missed: 'All that was missed: given up, cancelled, or never sent as it was inactive',
  cancelled: 'Cancelled',
  retrying: 'Retrying: the next attempt is made now',
  held: 'Held: they are sent now',
  succeeded: 'Succeeded: the receiver gets them once more',
};

/** The inputs, by the names that the API has for the fields. */
export const RECOVERY_IDS = { status: 'status', since: 'since', until: 'until' };

/** What asks for a recovery. */
export function recoveryForm(
  { links, namespace }: NamespaceVisit,
  view: WebhookView,
  { fields, problem }: { readonly fields: RecoveryFields; readonly problem: FormProblem },
): Html {
  const url = links.webhook(namespace, view.webhook.id);
  const { errors } = problem;
  const options = Object.entries(STATUSES).map(
    ([value, text]) => html`<option value="${value}"${value === fields.status ? ' selected' : ''}>${text}</option>`,
  );
  const status = { id: RECOVERY_IDS.status, errors: errors['status'] };
  const until = { id: RECOVERY_IDS.until, errors: errors['until'], hint: 'Left empty, it is now.' };
  return html`<form method="post" action="${url}/recoveries" novalidate>
${field({ ...status, label: 'Which deliveries', input: html`<select id="status" name="status"${describedBy(status)}>${options}</select>` })}
<fieldset><legend>Of events since</legend>${sinceChoices(view, fields, problem)}</fieldset>
${field({ ...until, label: 'Until (UTC)', input: timeInput(fields.until, until) })}
<div class="buttons"><button class="button primary">Recover them</button><a class="button" href="${url}">Cancel</a></div></form>`;
}

function sinceChoices(view: WebhookView, { from, since }: RecoveryFields, { errors }: FormProblem) {
  const presets = presetsOf(view);
  const of = { id: RECOVERY_IDS.since, errors: errors['since'] };
  const exact = html`<label class="visually-hidden" for="since">Since (UTC)</label>${timeInput(since, of)}${notes(of)}`;
  const isExact = !presets.some(({ name }) => name === from);
  return html`${presets.map((preset) => {
    const { name, label, sinceMs } = preset;
    const small = `from ${exactTime(name === 'missed' ? missedFromMs(preset, view.webhook) : sinceMs)}`;
    return choice({ name: 'from', value: name, label, small, isChosen: name === from });
  })}${choice({ name: 'from', value: 'exact', label: 'Since an exact time, in UTC', isChosen: isExact, more: exact })}`;
}

function timeInput(value: string, of: Parameters<typeof describedBy>[0]) {
  return html`<input id="${of.id}" name="${of.id}" value="${value}" placeholder="2026-11-23 12:00" autocomplete="off" spellcheck="false"${of.errors ? ' autofocus' : ''}${describedBy(of)}>`;
}
