import { notFound } from '../../actions/directory.ts';
import {
  cancelRecovery,
  listRecoveries,
  type RecoveryDeps,
  showRecovery,
  startRecovery,
} from '../../actions/recoveries.ts';
import { isUuid } from '../../domain/id.ts';
import { progressOf, type Recovery } from '../../domain/recovery.ts';
import { readJsonObject } from '../body.ts';
import { linkNext, pageCursor, pageLimit } from '../page.ts';
import { webhookUrl } from './entities.ts';
import { idParameter, type NamespaceRequest, type NamespaceRoute } from './routes.ts';

/** The routes of a webhook's recoveries: redelivery in bulk. */
export function recoveryRoutes(deps: RecoveryDeps): readonly NamespaceRoute[] {
  return [
    {
      method: 'POST',
      path: '/webhooks/:id/recoveries',
      scope: 'webhook:write',
      async handle(request) {
        const of = webhookOf(request);
        const recovery = await startRecovery(deps, of, await readJsonObject(request.context.req.raw));
        const entity = recoveryEntity(recovery, recoveriesUrl(request));
        return request.context.json(entity, 202, { Location: entity.url });
      },
    },
    {
      method: 'GET',
      path: '/webhooks/:id/recoveries',
      scope: 'webhook:read',
      async handle(request) {
        const { context } = request;
        const page = { limit: pageLimit(context), before: pageCursor(context, isUuid) };
        const { recoveries, hasMore } = await listRecoveries(deps, webhookOf(request), page);
        const last = recoveries.at(-1);
        if (hasMore && last) linkNext(context, last.id);
        return context.json(recoveries.map((recovery) => recoveryEntity(recovery, recoveriesUrl(request))));
      },
    },
    {
      method: 'GET',
      path: '/webhooks/:id/recoveries/:recovery',
      scope: 'webhook:read',
      async handle(request) {
        const recovery = await showRecovery(deps, recoveryOf(request));
        return request.context.json(recoveryEntity(recovery, recoveriesUrl(request)));
      },
    },
    {
      method: 'DELETE',
      path: '/webhooks/:id/recoveries/:recovery',
      scope: 'webhook:write',
      async handle(request) {
        await cancelRecovery(deps, recoveryOf(request));
        return request.context.body(null, 204);
      },
    },
  ];
}

/** What the API shows of a recovery; `filter` has what was asked for, by the names it was asked by. */
function recoveryEntity(recovery: Recovery, url: string) {
  return {
    id: recovery.id,
    webhook_id: recovery.webhookId,
    status: recovery.status,
    filter: recovery.filter,
    deliveries_read: recovery.deliveriesRead,
    deliveries_redelivered: recovery.deliveriesRedelivered,
    progress: progressOf(recovery),
    reason: recovery.reason ?? null,
    created_at: recovery.createdAt,
    updated_at: recovery.updatedAt,
    finished_at: recovery.finishedAt ?? null,
    url: `${url}/${recovery.id}`,
  };
}

function webhookOf({ context, namespace }: NamespaceRequest) {
  return { namespace, webhookId: idParameter(context, 'id') };
}

function recoveryOf(request: NamespaceRequest) {
  const recoveryId = request.context.req.param('recovery') ?? '';
  if (!isUuid(recoveryId)) throw notFound();
  return { ...webhookOf(request), recoveryId };
}

function recoveriesUrl({ context, namespace, origin }: NamespaceRequest): string {
  return `${webhookUrl(namespace, idParameter(context, 'id'), origin)}/recoveries`;
}
