import { expect } from 'vitest';
import { addCollaborator, ensureNamespace } from '../../functions/actions/accounts.ts';
import { USER_SCOPES } from '../../functions/domain/token.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Call, openApi, read } from './api.ts';

/** The intake of events, in front of a namespace with one webhook that points at a receiver. */
export type Intake = Awaited<ReturnType<typeof openIntake>>;

type Message = { readonly 'detail-type': string; readonly source: string; readonly detail: Record<string, unknown> };

/** Opens the API with a namespace `demo/child`, whom may send of it, and who may not. */
export async function openIntake() {
  const [api, receiver] = await Promise.all([openApi(), startReceiver()]);
  const child = await ensureNamespace(api.accounts, { username: 'admin', path: 'demo/child' });
  const tokens = {
    owner: await api.tokenOf('admin', USER_SCOPES),
    collaborator: await api.tokenOf('collaborator', USER_SCOPES),
    stranger: await api.tokenOf('stranger', USER_SCOPES),
    producer: await api.tokenOf('producer'),
  };
  await addCollaborator(api.accounts, api.namespace, 'collaborator');
  await api.addWebhook({ payload_url: receiver.url }, child);

  const eventBody = (differences: object = {}) => ({
    type: 'cron',
    namespace_id: child.id,
    payload: { action: 'created' },
    ...differences,
  });
  const send = (body: unknown, call: Call = {}): Promise<Response> =>
    api.call('/events', { method: 'POST', token: tokens.owner, body, ...call });
  /** The events that are on the bus, as the rule put them into the queue. */
  const onBus = async (): Promise<readonly Message[]> =>
    (await api.inspect('events')).ready.map((body) => JSON.parse(body) as Message);
  return {
    api,
    child,
    tokens,
    eventBody,
    send,
    onBus,
    /** Sends under a key. */
    sendOnce: (key: string, body: unknown = eventBody(), token = tokens.owner): Promise<Response> =>
      send(body, { token, headers: { 'idempotency-key': key } }),
    /** Works off what is on the bus; answers the bodies that the receiver got of it. */
    async deliverAll(): Promise<readonly string[]> {
      const before = receiver.received.length;
      await api.drain('events', api.handlers.ingest);
      await api.drain('deliveries', api.handlers.deliver);
      return receiver.received.slice(before).map(({ body }) => body.toString());
    },
    async expectNotFound(answer: Promise<Response>): Promise<void> {
      expect(await read(answer, 404)).toEqual({ message: 'Not found' });
      expect(await onBus()).toEqual([]);
    },
    async stop(): Promise<void> {
      await receiver.stop();
      await api.stop();
    },
  };
}
