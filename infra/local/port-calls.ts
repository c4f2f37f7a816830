import type { Transferable } from 'node:worker_threads';

/** An end of what two threads talk over: a port, or a thread's own. */
type End = {
  postMessage(message: unknown, transferred?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
};

type Asked<Q> = { readonly id: number; readonly question: Q };
type Answered<A> = { readonly id: number } & ({ readonly answer: A } | { readonly error: unknown });

/** Asks who is at the other end, by `answerOver`. Rejects with what is thrown there. */
export function askOver<Q, A>(end: End): (question: Q, transferred?: readonly Transferable[]) => Promise<A> {
  const waiting = new Map<number, PromiseWithResolvers<A>>();
  let asked = 0;
  end.on('message', (message) => {
    const answered = message as Answered<A>;
    const asker = waiting.get(answered.id);
    waiting.delete(answered.id);
    if ('answer' in answered) asker?.resolve(answered.answer);
    else asker?.reject(answered.error);
  });
  return (question, transferred = []) => {
    const asker = Promise.withResolvers<A>();
    const id = asked++;
    waiting.set(id, asker);
    end.postMessage({ id, question } satisfies Asked<Q>, transferred);
    return asker.promise;
  };
}

/** Answers who asks at the other end, by `askOver`. */
export function answerOver<Q, A>(end: End, answerTo: (question: Q) => Promise<A>): void {
  end.on('message', async (message) => {
    const { id, question } = message as Asked<Q>;
    const answered: Answered<A> = await answerTo(question).then(
      (answer) => ({ id, answer }),
      (error: unknown) => ({ id, error }),
    );
    end.postMessage(answered);
  });
}
