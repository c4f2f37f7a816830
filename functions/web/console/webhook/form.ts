import { html } from 'hono/html';
import { CATALOGUE, EVENT_TYPES } from '../../../domain/catalogue.ts';
import type { FieldErrors } from '../../../domain/errors.ts';
import { PAYLOAD_URL_MAX_CHARACTERS, SECRET_MAX_BYTES } from '../../../domain/limits.ts';
import type { Webhook } from '../../../domain/webhook.ts';
import type { Html } from '../frame.ts';
import { checkbox, describedBy, errorSummary, field, notes } from '../parts/field.ts';
import { OVERLAPS, type Typed } from './typed.ts';

/** What the form of a webhook shows. Without `webhook` it is for a new one. */
export type WebhookForm = {
  readonly action: string;
  readonly cancel: string;
  readonly typed: Typed;
  readonly errors: FieldErrors;
  /** What is to be said besides what is wrong. */
  readonly aside?: Html | undefined;
  readonly webhook?: Webhook | undefined;
  readonly allowInsecureTls: boolean;
  /** Names the settings as they were when the form was shown. */
  readonly seen?: string | undefined;
};

/** The inputs, by the names that the API has for the fields. */
const IDS = { payload_url: 'payload_url', secret: 'secret', ssl: 'verify', events: 'for-some', active: 'active' };

/** The form of a webhook, new or not, with what is wrong with what was typed beside it. */
export function webhookForm(given: WebhookForm) {
  const form = { ...given, errors: { ...secretIsGone(given), ...given.errors } };
  const { action, aside, cancel, errors, webhook, seen, typed } = form;
  return html`${errorSummary(errors, IDS)}${aside ?? ''}
<form method="post" action="${action}" class="form panel" novalidate>
${seen === undefined ? '' : html`<input type="hidden" name="seen" value="${seen}">`}
${urlField(form)}
${webhook?.sealedSecret === undefined ? newSecret(form) : presentSecret(form)}
${certificateField(form)}
${checkbox({ name: 'active', id: 'active', label: 'Active', small: 'Events are delivered to it. An inactive webhook gets none.', isChecked: typed.active })}
${eventFields(form)}
<div class="buttons"><button class="button primary">${webhook ? 'Save' : 'Create webhook'}</button>
<a class="button" href="${cancel}">Cancel</a></div>
</form>`;
}

function urlField({ typed, errors }: WebhookForm) {
  const of = {
    id: IDS.payload_url,
    errors: errors['payload_url'],
    hint: html`Each event is a <code>POST</code> to this URL, which must be public. Answer with 2xx, soon.`,
  };
  const isFirst = errors['payload_url'] !== undefined || Object.keys(errors).length === 0;
  return field({
    ...of,
    label: 'Payload URL',
    input: html`<input id="${of.id}" name="payload_url" type="url" inputmode="url" value="${typed.payloadUrl.slice(0, 4 * PAYLOAD_URL_MAX_CHARACTERS)}"
 placeholder="https://deploy.example.com/hooks/ci" autocomplete="off" spellcheck="false" required${isFirst ? ' autofocus' : ''}${describedBy(of)}>`,
  });
}

const SECRET_HINT = html`Deliveries are signed with it, so that the receiver can tell ours from others. At least 16 bytes are advised, ${SECRET_MAX_BYTES} is
the most. It is never shown again.`;

/** A secret that was typed into a form that comes back stands in no page: who does not type it again would have deliveries that are not signed. */
function secretIsGone({ typed: { secret, secretChoice } }: WebhookForm): FieldErrors {
  const isMeant = secret !== '' && secretChoice !== 'generate' && secretChoice !== 'remove';
  return isMeant ? { secret: ['Type or generate the secret again: it is in no page, and so was not kept'] } : {};
}

/** A secret is typed, or made here. */
function newSecret({ errors, typed }: WebhookForm) {
  const of = { id: IDS.secret, errors: errors['secret'], hint: SECRET_HINT };
  return html`<fieldset><legend>Secret</legend>${secretInput(of)}${checkbox({
    name: 'secret_choice',
    value: 'generate',
    id: 'generate',
    label: 'Generate a secret for me',
    small: 'It is shown once, after this.',
    isChecked: typed.secretChoice === 'generate',
  })}</fieldset>`;
}

function secretInput(of: Parameters<typeof notes>[0]) {
  return html`<label class="visually-hidden" for="${of.id}">Secret</label>
<div class="row" data-secret><input id="${of.id}" name="secret" type="password" autocomplete="new-password" spellcheck="false"${describedBy(of)}></div>
${notes(of)}`;
}

function presentSecret({ typed, errors }: WebhookForm) {
  const of = { id: IDS.secret, errors: errors['secret'], hint: SECRET_HINT };
  const choice = (value: Typed['secretChoice'], label: string, small?: string) =>
    checkbox({
      type: 'radio',
      name: 'secret_choice',
      value,
      id: `secret-${value}`,
      label,
      isChecked: typed.secretChoice === value,
      ...(small === undefined ? {} : { small }),
    });
  const overlaps = OVERLAPS.map(
    ([seconds, words]) =>
      html`<option value="${seconds}"${seconds === typed.overlapSeconds ? ' selected' : ''}>${words}</option>`,
  );
  return html`<fieldset><legend>Secret</legend>
${choice('keep', 'Keep the secret that there is')}
${choice('generate', 'Generate a new one', 'It is shown once, after this.')}
${choice('remove', 'Remove it', 'Deliveries are no longer signed.')}
${choice('replace', 'Replace it with this one:')}
<div class="indented">${secretInput(of)}</div>
<div class="field overlap"><label for="overlap">The old one goes on signing beside the new one</label>
<select id="overlap" name="secret_overlap_seconds">${overlaps}</select></div></fieldset>`;
}

/** Where the operator does not allow otherwise, the box says how it is. */
function certificateField({ typed, errors, allowInsecureTls }: WebhookForm): Html {
  const of = { id: IDS.ssl, errors: errors['ssl'] };
  const small = allowInsecureTls
    ? 'Turn it off for a receiver of your own with a self-signed certificate: then anybody in between can read along.'
    : 'Always, for https. An operator can allow otherwise when deploying.';
  return html`${checkbox({
    name: 'verify',
    id: IDS.ssl,
    label: 'Verify TLS certificates',
    small,
    isChecked: typed.verifiesCertificate || !allowInsecureTls,
    isDisabled: !allowInsecureTls,
    errors: of.errors,
  })}${notes(of)}`;
}

function eventFields({ typed, errors }: WebhookForm) {
  const of = { id: IDS.events, errors: errors['events'] };
  const boxes = EVENT_TYPES.map((type) =>
    checkbox({
      name: 'events',
      value: type,
      id: `event-${type}`,
      label: html`<code>${type}</code>`,
      small: CATALOGUE[type].description,
      isChecked: typed.events.includes(type),
    }),
  );
  return html`<fieldset data-choice="for"><legend>Events</legend>
${checkbox({ type: 'radio', name: 'for', value: 'all', id: 'for-all', label: 'All events', small: 'Those of later releases included.', isChecked: typed.isForAll })}
${checkbox({ type: 'radio', name: 'for', value: 'some', id: of.id, label: 'Only these:', isChecked: !typed.isForAll, errors: of.errors })}
${notes(of)}<div class="boxes">${boxes}</div></fieldset>`;
}
