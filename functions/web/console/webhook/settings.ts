import { html } from 'hono/html';
import { changeWebhook, showWebhook, type WebhookView } from '../../../actions/webhooks.ts';
import { type FieldErrors, RefusalError, ValidationError } from '../../../domain/errors.ts';
import { readForm } from '../../form.ts';
import { idParameter } from '../../parameters.ts';
import { type NamespaceVisit, namespacePage, type PageRoute } from '../pages.ts';
import { icon } from '../parts/icon.ts';
import type { FormDeps } from './create.ts';
import { webhookForm } from './form.ts';
import { webhookPage } from './head.ts';
import { conflictNotice, meantBy, seenOf } from './meanwhile.ts';
import { generateSecret, secretPage } from './new-secret.ts';
import { changeOf, errorsOf, readTyped, type Typed, typedOf } from './typed.ts';

const PATH = '/-/webhooks/:id/settings';

/** The page on which a webhook is changed. */
export function settingsRoutes(deps: FormDeps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: PATH,
      access: 'webhook:write',
      async handle(visit) {
        const view = await showWebhook(deps, visit.namespace, idParameter(visit.context, 'id'));
        return show(deps, visit, { view, typed: typedOf(view.webhook) });
      },
    }),
    namespacePage(deps, { method: 'POST', path: PATH, access: 'webhook:write', handle: (visit) => save(deps, visit) }),
  ];
}

async function save(deps: FormDeps, visit: NamespaceVisit): Promise<Response> {
  const form = await readForm(visit.context.req.raw);
  const view = await showWebhook(deps, visit.namespace, idParameter(visit.context, 'id'));
  const { webhook } = view;
  const { typed, conflicts } = meantBy(readTyped(form), { webhook, seen: form.text('seen'), ...deps });
  if (conflicts.length > 0) return show(deps, visit, { view, typed, conflicts }, 409);
  const generated = typed.secretChoice === 'generate' ? generateSecret(deps.randomBytes) : undefined;
  const wanted = changeOf({ ...typed, secret: generated ?? typed.secret }, { webhook, ...deps });
  try {
    const own = errorsOf(typed, webhook);
    if (Object.keys(own).length > 0) throw new ValidationError(own);
    if (Object.keys(wanted).length > 0)
      await changeWebhook(deps, { namespace: visit.namespace, id: webhook.id }, wanted);
  } catch (error) {
    if (error instanceof ValidationError) return show(deps, visit, { view, typed, errors: error.fields }, 400);
    if (error instanceof RefusalError && error.code === 'conflict') {
      return show(deps, visit, { view, typed, refusal: error.message }, 409);
    }
    throw error;
  }
  const to = visit.links.webhook(visit.namespace, webhook.id);
  if (generated !== undefined) return secretPage(visit, { secret: generated, webhook, to });
  const text = Object.keys(wanted).length === 0 ? 'Nothing was different: all is as it was.' : 'Saved.';
  return visit.goTo(to, { kind: 'done', text });
}

type Shown = {
  readonly view: WebhookView;
  readonly typed: Typed;
  readonly errors?: FieldErrors;
  readonly refusal?: string;
  readonly conflicts?: ReturnType<typeof meantBy>['conflicts'];
};

function show(
  deps: FormDeps,
  visit: NamespaceVisit,
  { view, typed, errors = {}, refusal, conflicts }: Shown,
  status: 200 | 400 | 409 = 200,
) {
  const { links, namespace, may } = visit;
  const { webhook } = view;
  const url = links.webhook(namespace, webhook.id);
  const remove = html`<section class="panel form"><h2>Delete this webhook</h2>
<p>Nothing more is sent to it, and its log goes with it.</p>
<p><a class="button danger" href="${url}/delete">Delete…</a></p></section>`;
  return webhookPage(
    visit,
    {
      view,
      here: 'settings',
      body: html`${conflicts ? conflictNotice(conflicts) : ''}
${refusal === undefined ? '' : html`<p class="notice bad" role="alert">${icon('warning')}<span>${refusal}.</span></p>`}
${webhookForm({
  action: `${url}/settings`,
  cancel: url,
  typed,
  errors,
  webhook,
  allowInsecureTls: deps.allowInsecureTls,
  seen: seenOf(webhook),
})}${may('webhook:delete') ? remove : ''}`,
    },
    status,
  );
}
