import type { SQSClient } from '@aws-sdk/client-sqs';
import { fauxqsHasChanged, moduleOfFauxqs } from './fauxqs-module.ts';

/** What is used of a client. */
export type DirectSqs = Pick<SQSClient, 'send'>;

type Operation = (input: object, store: unknown) => unknown;
type Router = { readonly store: unknown; readonly handlers: ReadonlyMap<string, Operation> };
type RouterClass = { readonly prototype: { register(this: Router, name: string, operation: Operation): void } };
type Command = { readonly constructor: { readonly name: string }; readonly input: object };
type Options = { readonly abortSignal?: AbortSignal };

/**
 * A client of the bundled SQS for what runs in its thread, to be made before fauxqs starts: it takes the commands of the SDK, and calls what
 * answers them over the wire. The wire takes more time than they do. It is for what AWS itself has within: functions call SQS over the wire.
 * To fauxqs a poll that is cut short goes on, as over the wire, and may still take messages: only what ends cuts one, and the next start
 * hands back what is in flight.
 */
export async function directSqs(): Promise<DirectSqs> {
  const { SqsRouter } = (await moduleOfFauxqs('./sqs/sqsRouter.js')) as { readonly SqsRouter?: RouterClass };
  if (SqsRouter === undefined) throw fauxqsHasChanged(WHAT);
  let router: Router | undefined;
  const { register } = SqsRouter.prototype;
  SqsRouter.prototype.register = function (name, operation) {
    router = this;
    register.call(this, name, operation);
  };
  const send = async (command: Command, { abortSignal }: Options = {}): Promise<unknown> => {
    const operation = router?.handlers.get(command.constructor.name.replace(/Command$/, ''));
    if (router === undefined || operation === undefined) throw fauxqsHasChanged(WHAT);
    const answer = operation(command.input, router.store);
    return abortSignal === undefined ? answer : unlessCut(answer, abortSignal);
  };
  return { send: send as unknown as DirectSqs['send'] };
}

const WHAT = 'lets its operations be called';

async function unlessCut<T>(answer: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const onCut = () => reject(signal.reason);
  signal.addEventListener('abort', onCut);
  try {
    return await Promise.race([answer, cut]);
  } finally {
    signal.removeEventListener('abort', onCut);
  }
}
