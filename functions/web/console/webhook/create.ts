import { html } from 'hono/html';
import { createWebhook, URL_TAKEN, type WebhookDeps } from '../../../actions/webhooks.ts';
import { type FieldErrors, RefusalError, ValidationError } from '../../../domain/errors.ts';
import { parseWebhookDraft } from '../../../domain/webhook-input.ts';
import { readForm } from '../../form.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { crumbsWithin } from '../parts/crumbs.ts';
import { icon } from '../parts/icon.ts';
import { webhookForm } from './form.ts';
import { generateSecret, secretPage } from './new-secret.ts';
import { draftOf, errorsOf, NOTHING_TYPED, readTyped, type Typed } from './typed.ts';

export type FormDeps = PageDeps &
  WebhookDeps & { readonly allowInsecureTls: boolean; readonly randomBytes: (size: number) => Uint8Array };

const PATH = '/-/webhooks/new';

/** The page on which a webhook is created. */
export function createRoutes(deps: FormDeps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: PATH,
      access: 'webhook:write',
      handle: (visit) => show(deps, visit, { typed: NOTHING_TYPED }),
    }),
    namespacePage(deps, {
      method: 'POST',
      path: PATH,
      access: 'webhook:write',
      async handle(visit) {
        const typed = readTyped(await readForm(visit.context.req.raw));
        const generated = typed.secretChoice === 'generate' ? generateSecret(deps.randomBytes) : undefined;
        const draft = draftOf(generated === undefined ? typed : { ...typed, secret: generated }, deps);
        try {
          const own = errorsOf(typed);
          if (Object.keys(own).length > 0) throw new ValidationError({ ...errorsIn(deps, draft), ...own });
          const { webhook } = await createWebhook(deps, visit, draft);
          const to = visit.links.deliveries(visit.namespace, webhook.id);
          if (generated !== undefined) return secretPage(visit, { secret: generated, webhook, to });
          return visit.goTo(to, { kind: 'done', text: 'The webhook is created. Send it a test, to see what it gets.' });
        } catch (error) {
          return showAgain(deps, visit, { typed, error });
        }
      },
    }),
  ];
}

/** What is wrong with a draft, by field; the webhook is not created by it. */
function errorsIn(deps: FormDeps, draft: ReturnType<typeof draftOf>): FieldErrors {
  try {
    parseWebhookDraft(draft, deps.policy);
    return {};
  } catch (error) {
    if (error instanceof ValidationError) return error.fields;
    throw error;
  }
}

function showAgain(
  deps: FormDeps,
  visit: NamespaceVisit,
  { typed, error }: { readonly typed: Typed; readonly error: unknown },
) {
  if (error instanceof ValidationError) return show(deps, visit, { typed, errors: error.fields }, 400);
  if (error instanceof RefusalError && error.code === 'conflict') {
    return show(deps, visit, { typed, refusal: error.message }, 409);
  }
  throw error;
}

type Shown = { readonly typed: Typed; readonly errors?: FieldErrors; readonly refusal?: string };

function show(
  deps: FormDeps,
  visit: NamespaceVisit,
  { typed, errors = {}, refusal }: Shown,
  status: 200 | 400 | 409 = 200,
) {
  const { links, namespace } = visit;
  const list = links.webhooks(namespace);
  const { allowInsecureTls } = deps;
  return visit.show(
    {
      title: 'Create webhook',
      crumbs: crumbsWithin(namespace, links, [{ text: 'Webhooks', href: list }, { text: 'Create' }]),
      body: html`<div class="head"><h1>Create webhook</h1></div>
${refusal === undefined ? '' : html`<p class="notice bad" role="alert">${icon('warning')}<span>${refusal}.</span></p>`}
${webhookForm({ action: links.newWebhook(namespace), cancel: list, typed, errors, allowInsecureTls, aside: sentTwice(list, { typed, errors }) })}`,
    },
    status,
  );
}

/** Where no script runs nothing stops a second click. Its answer is what is seen, and the first one's, which had the secret in it, is not. */
function sentTwice(list: string, { typed, errors = {} }: Shown) {
  if (!errors['payload_url']?.includes(URL_TAKEN)) return;
  const secret =
    typed.secretChoice === 'generate'
      ? ', and a secret that was generated for it and that you have not seen can be replaced in its settings'
      : '';
  return html`<p class="notice"><span>If you sent this form twice, the webhook is there already, <a href="${list}">in the list</a>${secret}.</span></p>`;
}
