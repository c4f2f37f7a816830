type Client = { readonly send: (...inputs: never[]) => Promise<unknown>; readonly destroy: () => void };

/** What a client of the SDK is to us, whenever it is made. */
export type Late<C extends Client> = Pick<C, 'send' | 'destroy'>;

/**
 * A client that is made with its first command: most first events call one service of those that a function may call, and to load and
 * make the clients of the others is a tenth of a cold start. One that cannot be made is made again with the next command.
 */
export function lateClient<C extends Client>(make: () => Promise<C>): Late<C> {
  let made: Promise<C> | undefined;
  const send = async (...inputs: never[]): Promise<unknown> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return (await made).send(...inputs);
  };
  return {
    // It is what the client's own is, whose many forms TypeScript cannot follow through.
    send: send as C['send'],
    destroy() {
      made?.then((client) => client.destroy()).catch(() => undefined);
    },
  };
}
