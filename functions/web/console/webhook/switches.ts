import { resumeWebhook } from '../../../actions/pause.ts';
import { changeWebhook, type WebhookDeps } from '../../../actions/webhooks.ts';
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
    turn('activate', 'It is active again: what failed before counts no more.', (of) =>
      changeWebhook(deps, of, { active: true }),
    ),
    turn('deactivate', 'It is inactive: nothing is sent to it.', (of) => changeWebhook(deps, of, { active: false })),
    turn('resume', 'It resumes: what was held is sent within minutes, oldest first.', (of) => resumeWebhook(deps, of)),
  ];
}
