import { html } from 'hono/html';
import { type PingDeps, ping } from '../../../actions/ping.ts';
import { showWebhook, type WebhookDeps, type WebhookView } from '../../../actions/webhooks.ts';
import { EVENT_TYPES } from '../../../domain/catalogue.ts';
import { subscribedEvents } from '../../../domain/webhook.ts';
import { parsePing } from '../../../domain/webhook-input.ts';
import { readForm } from '../../form.ts';
import { idParameter } from '../../parameters.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { describedBy, field } from '../parts/field.ts';
import { type FormProblem, formProblem, NO_PROBLEM, problemNotice } from './form-problem.ts';
import { webhookPage } from './head.ts';
import { notNow } from './not-now.ts';

type Deps = PageDeps & WebhookDeps & PingDeps;

/** Trying a webhook out with the sample of an event. */
export function testRoutes(deps: Deps): readonly PageRoute[] {
  const at = { path: '/-/webhooks/:id/test', access: 'webhook:write' } as const;
  return [
    namespacePage(deps, {
      ...at,
      method: 'GET',
      async handle(visit) {
        const view = await showWebhook(deps, visit.namespace, idParameter(visit.context, 'id'));
        return show(visit, view, NO_PROBLEM);
      },
    }),
    namespacePage(deps, { ...at, method: 'POST', handle: (visit) => send(deps, visit) }),
  ];
}

async function send(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const { namespace, links, context } = visit;
  const form = await readForm(context.req.raw);
  const webhookId = idParameter(context, 'id');
  try {
    const id = await ping(deps, { namespace, webhookId }, parsePing({ event: form.text('event') }));
    // The delivery has no page before its first attempt; the log is there.
    const text = `The test is on its way, as delivery ${id}. It stands here once its first attempt is made.`;
    return visit.goTo(links.deliveries(namespace, webhookId), { kind: 'done', text });
  } catch (error) {
    const problem = formProblem(error);
    return show(visit, await showWebhook(deps, namespace, webhookId), problem);
  }
}

function show(visit: NamespaceVisit, view: WebhookView, problem: FormProblem): Promise<Response> {
  const inner = notNow(visit, view) ?? testForm(visit, view, problem);
  const body = html`${problemNotice(problem, { event: 'event' })}<section class="panel form"><h2>Send a test</h2>${inner}</section>`;
  return webhookPage(visit, { view, title: 'Test', body }, problem.status);
}

function testForm({ links, namespace }: NamespaceVisit, { webhook }: WebhookView, { errors }: FormProblem) {
  const url = links.webhook(namespace, webhook.id);
  const [likely] = subscribedEvents(webhook);
  const options = EVENT_TYPES.map((type) => html`<option${type === likely ? ' selected' : ''}>${type}</option>`);
  const of = {
    id: 'event',
    errors: errors['event'],
    hint: html`<a href="${links.apiDocs}#listEventTypes">What the samples look like</a>`,
  };
  return html`<p>The sample of an event is sent to this webhook alone, whatever it subscribes to: signed like any other, and marked as a test in the log.</p>
<form method="post" action="${url}/test">${field({
    ...of,
    label: 'Event',
    input: html`<select id="event" name="event"${of.errors ? ' autofocus' : ''}${describedBy(of)}>${options}</select>`,
  })}
<div class="buttons"><button class="button primary">Send the test</button><a class="button" href="${url}">Cancel</a></div></form>`;
}
