import * as v from 'valibot';
import {
  cancelRecovery,
  listRecoveries,
  type RecoveryDeps,
  showRecovery,
  startRecovery,
} from '../../actions/recoveries.ts';
import { UUID_PATTERN } from '../../domain/id.ts';
import { REQUEST_BODY_MAX_BYTES } from '../../domain/limits.ts';
import { RecoveryRequestSchema } from '../../domain/recovery.ts';
import { readJsonObject } from '../body.ts';
import { linkNeighbours, pageQuery, pageRequest } from '../page.ts';
import { uuidParameter } from '../parameters.ts';
import { webhookUrl } from './entities.ts';
import { EXAMPLE_BASE, EXAMPLE_NAMESPACE, EXAMPLE_RECOVERY } from './examples.ts';
import { recoveryEntity } from './log-entities.ts';
import { RecoverySchema } from './log-schemas.ts';
import { type Located, NAMESPACE_PATH, namespaceRoute, type Route, type RouteDeps, webhookOf } from './route.ts';

const RECOVERIES = `${NAMESPACE_PATH}/-/webhooks/:id/recoveries`;
const RECOVERY = `${RECOVERIES}/:recovery`;
const EXAMPLE = recoveryEntity(
  EXAMPLE_RECOVERY,
  `${webhookUrl(EXAMPLE_NAMESPACE, EXAMPLE_RECOVERY.webhookId, EXAMPLE_BASE)}/recoveries`,
);

type Deps = RouteDeps & RecoveryDeps;

/** The routes of a webhook's recoveries: redelivery in bulk. */
export function recoveryRoutes(deps: Deps): readonly Route[] {
  return [startRoute(deps), listRoute(deps), showRoute(deps), cancelRoute(deps)];
}

function startRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'startRecovery',
    group: 'Recoveries',
    method: 'POST',
    path: RECOVERIES,
    access: 'webhook:write',
    summary: "Makes a webhook's deliveries in bulk, oldest first, in the background.",
    description:
      'What a webhook missed while it was inactive is made by `"status": "missed"`, from its `missed_since` on. A small recovery is finished in the answer; look at the `url` of a larger one for its progress.',
    body: {
      schema: RecoveryRequestSchema,
      example: { since: EXAMPLE_RECOVERY.filter.since, status: EXAMPLE_RECOVERY.filter.status },
      maxBytes: REQUEST_BODY_MAX_BYTES,
    },
    answer: { status: 202, description: 'The recovery.', schema: RecoverySchema, example: EXAMPLE, hasLocation: true },
    refusals: {
      409: 'The webhook is inactive, another recovery of it is running, or somebody else changes it at the same time.',
    },
    async handle(request) {
      const body = await readJsonObject(request.context.req.raw);
      const entity = recoveryEntity(await startRecovery(deps, webhookOf(request), body), recoveriesUrl(request));
      return request.context.json(entity, 202, { location: entity.url });
    },
  });
}

function listRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'listRecoveries',
    group: 'Recoveries',
    method: 'GET',
    path: RECOVERIES,
    access: 'webhook:read',
    summary: 'The recoveries of a webhook, newest first.',
    query: pageQuery(UUID_PATTERN),
    answer: {
      status: 200,
      description: 'Recoveries.',
      schema: v.array(RecoverySchema),
      example: [EXAMPLE],
      isPage: true,
    },
    async handle(request) {
      const { rows, ...neighbours } = await listRecoveries(deps, webhookOf(request), pageRequest(request.query));
      const url = recoveriesUrl(request);
      linkNeighbours(request.context, url, neighbours);
      return request.context.json(rows.map((recovery) => recoveryEntity(recovery, url)));
    },
  });
}

function showRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'showRecovery',
    group: 'Recoveries',
    method: 'GET',
    path: RECOVERY,
    access: 'webhook:read',
    summary: 'A recovery, with its progress.',
    answer: { status: 200, description: 'The recovery.', schema: RecoverySchema, example: EXAMPLE },
    async handle(request) {
      const recovery = await showRecovery(deps, recoveryOf(request));
      return request.context.json(recoveryEntity(recovery, recoveriesUrl(request)));
    },
  });
}

function cancelRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'cancelRecovery',
    group: 'Recoveries',
    method: 'DELETE',
    path: RECOVERY,
    access: 'webhook:write',
    summary: 'Cancels a recovery. What it has sent goes on.',
    answer: { status: 204, description: 'It is cancelled.' },
    refusals: { 409: 'It has ended already.' },
    async handle(request) {
      await cancelRecovery(deps, recoveryOf(request));
      return request.context.body(null, 204);
    },
  });
}

function recoveryOf(request: Located) {
  return { ...webhookOf(request), recoveryId: uuidParameter(request.context, 'recovery') };
}

function recoveriesUrl(request: Located): string {
  const { namespace, webhookId } = webhookOf(request);
  return `${webhookUrl(namespace, webhookId, request.base)}/recoveries`;
}
