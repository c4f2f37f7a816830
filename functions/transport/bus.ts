import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';

/** The source of the CI's events: what the bus's rule lets through to the events queue. */
export const EVENT_SOURCE = 'djinn-ci';
/** The source of the service's own events, for the rules of whoever runs it: they never come back to us. */
export const OWN_SOURCE = 'djinn-ci-webhooks';

/** Why the bus did not take an event, in its own words. */
export class BusError extends Error {
  override readonly name = 'BusError';
}

export type Bus = ReturnType<typeof bus>;

const TRIES = 3;

/** The bus, to put events on: the CI's, unless another source is named. */
export function bus(eventbridge: Pick<EventBridgeClient, 'send'>, name: string, source: string = EVENT_SOURCE) {
  return {
    /**
     * Puts an event on the bus; `detail` is JSON text and goes on it byte for byte. EventBridge answers 200 to a request of
     * whose entries it took none, so an answer says nothing until its failures are read: such an entry is put again twice.
     * Throws BusError where it fails then, too, and what the client throws where the call itself fails.
     */
    async put({ type, detail }: { readonly type: string; readonly detail: string }): Promise<void> {
      const { PutEventsCommand } = await import('./sdk-eventbridge.ts');
      const Entries = [{ Source: source, DetailType: type, Detail: detail, EventBusName: name }];
      for (let tried = 1; ; tried++) {
        const { FailedEntryCount, Entries: results = [] } = await eventbridge.send(new PutEventsCommand({ Entries }));
        if (FailedEntryCount === 0) return;
        const { ErrorCode, ErrorMessage } = results[0] ?? {};
        if (tried >= TRIES)
          throw new BusError(`${ErrorCode ?? 'Unknown'}: ${ErrorMessage ?? 'the bus gave no reason'}`);
      }
    },
  };
}
