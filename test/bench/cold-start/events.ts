import { randomUUID } from 'node:crypto';
import { createToken } from '../../../functions/actions/accounts.ts';
import { SCOPES } from '../../../functions/domain/token.ts';
import type { FunctionName } from '../../../functions/runtime/env.ts';
import { gatewayEvent, queueEvent, SCHEDULED_EVENT } from '../../support/aws-events.ts';
import { busEvent } from '../../support/deployment.ts';
import type { Pages } from '../../web/console/pages.ts';

/** Of each function an event that it has not had yet. */
export async function firstEvents(
  deployment: Pages,
  url: string,
): Promise<Readonly<Record<FunctionName, () => Promise<unknown>>>> {
  const { clock, namespace, accounts, handlers } = deployment;
  clock.nowMs = Date.now();
  await deployment.addWebhook({ payload_url: url, secret: 's3cret' });
  const { token } = await createToken(accounts, { username: 'admin', name: 'bench', scopes: SCOPES });
  const cookies = [await deployment.signIn(token)];
  const headers = { host: 'webhooks.example', authorization: `Bearer ${token}` };
  const body = () =>
    busEvent({ namespaceId: namespace.id, id: randomUUID(), createdAt: new Date(clock.nowMs).toISOString() });
  const delivery = async () => {
    await deployment.send('events', [body()]);
    await deployment.step('events', handlers.ingest);
    return queueEvent((await deployment.receive('deliveries')).map((message) => message.body));
  };
  return {
    api: async () => gatewayEvent({ path: '/n/admin/demo/-/webhooks', method: 'GET', headers }),
    console: async () => gatewayEvent({ path: '/console', method: 'GET', headers: { host: headers.host }, cookies }),
    ingest: async () => queueEvent([body()]),
    deliver: delivery,
    retry: async () => SCHEDULED_EVENT,
    recover: async () => SCHEDULED_EVENT,
    'dead-letter': delivery,
  };
}
