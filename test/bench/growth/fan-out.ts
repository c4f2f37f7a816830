import { webhookItem } from '../../../functions/store/webhook-item.ts';
import { busEvent } from '../../support/deployment.ts';
import type { Dimension } from './dimension.ts';
import { startEndpoint } from './endpoint.ts';
import { plant } from './plant.ts';

/** One event, and all the webhooks of its namespace: far more than the API lets anybody have there. */
export const fanOut: Dimension = {
  title: 'Fan-out',
  unit: 'webhooks',
  sizes: { full: [1, 10, 100, 1_000, 10_000], quick: [1, 10, 100] },
  grower: async ({ table, namespace, world, engines, addWebhook, send, step, drain, handlers }) => {
    const url = await startEndpoint();
    const webhook = await addWebhook({ payload_url: `${url}/0` });
    const ingest = async () => {
      await send('events', [busEvent({ namespaceId: namespace.id, id: world.randomId() })]);
      await step('events', handlers.ingest);
    };
    const deliver = () => drain('deliveries', handlers.deliver);
    let planted = 1;
    return async (size) => {
      const missing = Array.from({ length: size - planted }, (_, nth) => webhook.id + planted + nth);
      await plant(
        table,
        missing.map((id) => webhookItem({ ...webhook, id, payloadUrl: `${url}/${id}` })),
      );
      planted = size;
      const deliverAll = async () => {
        const delivered = await deliver();
        const { ready } = await engines.inspect('deliveries');
        if (delivered !== size || ready.length > 0) throw new Error(`${delivered} of ${size} were delivered`);
      };
      return [
        { name: 'taking the event in', prepare: async () => void (await deliver()), run: ingest },
        { name: 'making its deliveries', prepare: async () => void (await deliver().then(ingest)), run: deliverAll },
      ];
    };
  },
};
