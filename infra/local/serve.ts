import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type Server as TcpServer } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { misdirected, ownHosts } from './own-hosts.ts';
import { StartError } from './start-error.ts';

/** A server on loopback. */
export type Served = { readonly port: number; readonly stop: () => Promise<void> };

/**
 * Serves an application on 127.0.0.1; port 0 takes a free one. Whoever asks for another host than that, or than the public URL's, is
 * refused before the application is asked. Throws StartError where the port is in use.
 */
export async function serveLocally(app: Hono, port: number, publicUrl = ''): Promise<Served> {
  const isForUs = ownHosts(publicUrl);
  const fetch: typeof app.fetch = (request, ...rest) =>
    isForUs(request) ? app.fetch(request, ...rest) : misdirected();
  const server = serve({ fetch, port, hostname: '127.0.0.1' }) as Server;
  await untilListening(server, port);
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

/** Throws StartError where a port cannot be had: asked before anything else is begun. */
export async function checkPort(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await untilListening(server, port);
  server.close();
  await once(server, 'close');
}

async function untilListening(server: Server | TcpServer, port: number): Promise<void> {
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new StartError(`Port ${port} is in use: set PORT to a free one`, { cause });
    if (code === 'EACCES') throw new StartError(`Port ${port} may not be used: set PORT to one above 1023`, { cause });
    throw cause;
  }
}
