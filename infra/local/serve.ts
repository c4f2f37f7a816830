import { once } from 'node:events';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { StartError } from './start-error.ts';

/** A server on loopback. */
export type Served = { readonly port: number; readonly stop: () => Promise<void> };

/** Serves an application on 127.0.0.1; port 0 takes a free one. Throws StartError where the port is in use. */
export async function serveLocally(app: Hono, port: number): Promise<Served> {
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server;
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new StartError(`Port ${port} is in use: set PORT to a free one`, { cause });
    if (code === 'EACCES') throw new StartError(`Port ${port} may not be used: set PORT to one above 1023`, { cause });
    throw cause;
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
