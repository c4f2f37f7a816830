import type { MessagePort } from 'node:worker_threads';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { type Mapping, mapQueue, type Running, type SqsHandler } from './lambda.ts';

/** What the pollers tell the function. */
type FromPollers =
  | { readonly kind: 'batch'; readonly id: number; readonly event: SqsEvent }
  | { readonly kind: 'error'; readonly error: Error }
  | { readonly kind: 'stopped' };

/** What the function tells the pollers. */
type FromFunction =
  | { readonly kind: 'response'; readonly id: number; readonly response: SqsBatchResponse }
  | { readonly kind: 'stop' };

/** A queue to poll, and by how many. */
export type PolledQueue = Omit<Mapping, 'handler' | 'onError'>;

/** Polls a queue for a function that is at the other end of a port, in another thread. */
export function pollFor(port: MessagePort, mapping: PolledQueue): void {
  const tell = (message: FromPollers) => port.postMessage(message);
  const waiting = new Map<number, (response: SqsBatchResponse) => void>();
  let batches = 0;
  const pollers = mapQueue({
    ...mapping,
    handler(event) {
      const { promise, resolve } = Promise.withResolvers<SqsBatchResponse>();
      const id = batches++;
      waiting.set(id, resolve);
      tell({ kind: 'batch', id, event });
      return promise;
    },
    onError: (error) => tell({ kind: 'error', error }),
  });
  port.on('message', (message: FromFunction) => {
    if (message.kind === 'stop') {
      void pollers.stop().then(() => tell({ kind: 'stopped' }));
      return;
    }
    waiting.get(message.id)?.(message.response);
    waiting.delete(message.id);
  });
  // Its thread is kept by other things than this.
  port.unref();
}

export type InvokedFunction = { readonly handler: SqsHandler; readonly onError: (error: Error) => void };

/** A function that is invoked by pollers at the other end of a port. Where it throws, all of its batch goes back, as on Lambda. */
export function invokedOver(port: MessagePort, { handler, onError }: InvokedFunction): Running {
  const tell = (message: FromFunction) => port.postMessage(message);
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const invoke = async (id: number, event: SqsEvent) => {
    const response = await handler(event).catch((error: Error) => {
      onError(error);
      return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    tell({ kind: 'response', id, response });
  };
  port.on('message', (message: FromPollers) => {
    if (message.kind === 'batch') void invoke(message.id, message.event);
    if (message.kind === 'error') onError(message.error);
    if (message.kind !== 'stopped') return;
    port.close();
    resolve();
  });
  return {
    stop() {
      tell({ kind: 'stop' });
      return stopped;
    },
  };
}
