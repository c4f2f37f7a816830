import { expect } from 'vitest';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { type Api, openApi, WEBHOOKS } from './api.ts';
import { attemptOf } from './attempts.ts';

/** The API, and the logs of webhooks of its namespace: attempts are recorded in that of the newest one. */
export type Log = Awaited<ReturnType<typeof openLog>>;

/** The event that attempts are of, where nothing else is said. */
export const EVENT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-11-23T11:59:59.000Z' };

export async function openLog() {
  const api: Api = await openApi();
  let webhook: Webhook | undefined;
  let webhooks = 0;
  const newest = (): Webhook => {
    if (webhook === undefined) throw new Error('There is no webhook yet');
    return webhook;
  };
  return {
    api,
    /** The webhook that was made last. */
    webhook: newest,
    /** Makes a webhook; answers the path of it. */
    async newWebhook(): Promise<string> {
      webhooks += 1;
      webhook = await api.addWebhook({ payload_url: `https://receiver.example/${webhooks}` });
      return `${WEBHOOKS}/${webhook.id}`;
    },
    /** The id of a delivery of an event so many seconds before noon. */
    idAt(secondsBeforeNoon: number): string {
      const createdAt = new Date(Date.parse('2026-11-23T12:00:00Z') - secondsBeforeNoon * 1000).toISOString();
      return deliveryId({ id: EVENT.id, createdAt }, newest().id);
    },
    /** Records attempts of the newest webhook's. */
    async record(...attempts: readonly (Partial<Attempt> & Pick<Attempt, 'deliveryId'>)[]): Promise<void> {
      const of = { webhookId: newest().id, namespaceId: newest().namespaceId };
      const recordings = attempts.map((attempt) => ({ attempt: attemptOf({ eventId: EVENT.id, ...of, ...attempt }) }));
      expect(new Set(await api.attempts.record(recordings))).toEqual(new Set(['inserted']));
    },
    async stop(): Promise<void> {
      await api.stop();
      expect(api.bugs).toEqual([]);
    },
  };
}
