import { resumeWebhook } from '../../../actions/pause.ts';
import { changeWebhook, showWebhook, type WebhookDeps } from '../../../actions/webhooks.ts';
import { idParameter } from '../../parameters.ts';
import { namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { refusedAsFlash } from './refused.ts';

type Deps = PageDeps & WebhookDeps;

/** What one click does to a webhook, and undoes. */
export function switchRoutes(deps: Deps): readonly PageRoute[] {
  const turn = (
    name: string,
    text: string,
    act: (of: Parameters<typeof resumeWebhook>[1]) => Promise<unknown>,
  ): PageRoute =>
    namespacePage(deps, {
      method: 'POST',
      path: `/-/webhooks/:id/${name}`,
      access: 'webhook:write',
      async handle(visit) {
        const of = { namespace: visit.namespace, id: idParameter(visit.context, 'id') };
        const to = visit.links.webhook(of.namespace, of.id);
        return refusedAsFlash(visit, to, async () => {
          await act(of);
          return visit.goTo(to, { kind: 'done', text });
        });
      },
    });
  return [
    turn('activate', 'Activated: what happens from now on is sent to it.', (of) => setActive(deps, of, true)),
    turn('deactivate', 'Deactivated. What it misses can be recovered later.', (of) => setActive(deps, of, false)),
    turn('resume', 'It resumes: what was held is sent within minutes, oldest first.', (of) => resumeWebhook(deps, of)),
  ];
}

/** What is so already stays as it is: to name `active` would start the webhook over, and a click on a stale page must not. */
async function setActive(deps: Deps, of: Parameters<typeof resumeWebhook>[1], active: boolean): Promise<void> {
  const { webhook } = await showWebhook(deps, of.namespace, of.id);
  if (webhook.active !== active) await changeWebhook(deps, of, { active });
}
