import { createHash } from 'node:crypto';
import { showDelivery } from '../../../functions/actions/deliveries.ts';
import { deliveryId } from '../../../functions/domain/id.ts';
import { apiDeps } from '../../../functions/runtime/web-deps.ts';
import { busEvent } from '../../support/deployment.ts';
import type { Dimension } from './dimension.ts';
import { startEndpoint } from './endpoint.ts';

const CREATED_AT = '2026-11-23T11:59:59.000Z';

/** One delivery of an event, and what is in it. */
export const payloads: Dimension = {
  title: 'Payload',
  unit: 'KB',
  sizes: { full: [1, 10, 100, 1_000], quick: [1, 10, 100, 1_000] },
  grower: async ({ namespace, world, engines, addWebhook, send, drain, handlers }) => {
    const { id: webhookId } = await addWebhook({ payload_url: await startEndpoint(), secret: 's3cret' });
    const deps = apiDeps(engines.settings, world);
    let id = '';
    return async (size) => {
      const payload = payloadOf(size * 1_000);
      const put = async () => {
        id = world.randomId();
        await send('events', [busEvent({ namespaceId: namespace.id, id, createdAt: CREATED_AT, payload })]);
      };
      const ingest = async () => void (await drain('events', handlers.ingest));
      const deliver = async () => void (await drain('deliveries', handlers.deliver));
      const show = async () => {
        const which = deliveryId({ id, createdAt: CREATED_AT }, webhookId);
        const shown = await showDelivery(deps, { namespace, webhookId }, which);
        if (shown.payload?.length !== payload.length) throw new Error('The payload is not what was sent');
      };
      return [
        { name: 'taking the event in', prepare: put, run: ingest },
        { name: 'making the delivery', prepare: () => deliver().then(put).then(ingest), run: deliver },
        { name: 'showing the delivery', run: show },
      ];
    };
  },
};

/** JSON of so many bytes that packs to about half, as the output of builds does. */
function payloadOf(bytes: number): string {
  const [begin, end] = ['{"output":"', '"}'];
  const lines: string[] = [];
  for (let nth = 0; nth * 64 < bytes; nth++) lines.push(createHash('sha256').update(`${nth}`).digest('hex'));
  return begin + lines.join('').slice(0, bytes - begin.length - end.length) + end;
}
