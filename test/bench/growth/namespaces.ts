import { ensureNamespace } from '../../../functions/actions/accounts.ts';
import { reachNamespace } from '../../../functions/actions/directory.ts';
import { listNamespaces } from '../../../functions/actions/namespaces.ts';
import { SCOPES } from '../../../functions/domain/token.ts';
import { consoleDeps } from '../../../functions/runtime/console-deps.ts';
import { directoryStore } from '../../../functions/store/directory-store.ts';
import { busEvent } from '../../support/deployment.ts';
import type { Dimension } from './dimension.ts';
import { startEndpoint } from './endpoint.ts';

const MADE_AT_ONCE = 4;

/** All namespaces of a system, which are all of one owner. */
export const namespaces: Dimension = {
  title: 'Namespaces',
  unit: 'namespaces',
  sizes: { full: [1, 10, 100, 1_000, 10_000], quick: [1, 10, 100] },
  grower: async ({ table, namespace, accounts, world, engines, addWebhook, send, drain, handlers }) => {
    await addWebhook({ payload_url: await startEndpoint(), secret: 's3cret' });
    const deps = consoleDeps(engines.settings, world);
    const caller = { user: namespace.owner, scopes: SCOPES };
    const { username } = namespace.owner;
    const event = () => send('events', [busEvent({ namespaceId: namespace.id, id: world.randomId() })]);
    const deliver = async () => {
      await drain('events', handlers.ingest);
      await drain('deliveries', handlers.deliver);
    };
    let made = 1;
    return async (size) => {
      const work = async () => {
        while (made < size) await ensureNamespace(accounts, { username, path: `team-${made++}` });
      };
      await Promise.all(Array.from({ length: MADE_AT_ONCE }, work));
      return [
        { name: 'an event, to its delivery', prepare: event, run: deliver },
        {
          name: 'finding one by its path',
          run: () => reachNamespace(deps, caller, { username, path: namespace.path }),
        },
        { name: 'the list of what one has, up to 500', run: () => listNamespaces(deps, caller) },
        { name: 'the list of all, for operators', run: () => directoryStore(table).list() },
      ];
    };
  },
};
