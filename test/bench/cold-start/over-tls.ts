import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import type { Endpoints } from '../../../infra/local/engines.ts';
import { makeCertificate } from '../../support/tls/certificate.ts';

/** The engines as AWS is reached: over TLS. */
export type OverTls = {
  readonly endpoints: Endpoints;
  /** The file of the certificate that whoever calls them must trust, for `NODE_EXTRA_CA_CERTS`. */
  readonly trust: string;
  readonly stop: () => Promise<void>;
};

/**
 * Stands TLS before the engines, a folder for its certificate given. A process that is measured is to do what it does on AWS: over plain
 * HTTP, which no function of ours speaks there, the SDK loads Node's `http` with all of undici, and no TLS.
 */
export async function overTls(engines: Endpoints, folder: string): Promise<OverTls> {
  const authority = makeCertificate({ name: 'bench', isAuthority: true });
  const certificate = makeCertificate({ name: 'localhost', issuer: authority });
  const trust = join(folder, 'authority.pem');
  writeFileSync(trust, authority.cert);
  const servers: Server[] = [];
  const front = async (endpoint: string) => {
    const { port } = new URL(endpoint);
    const server = createServer(certificate, (socket) => {
      const engine = connect(Number(port), '127.0.0.1').setNoDelay(true);
      const end = () => {
        socket.destroy();
        engine.destroy();
      };
      // Whoever is measured ends without a farewell: that is no error.
      for (const side of [socket, engine]) side.on('error', end).on('close', end);
      socket.setNoDelay(true).pipe(engine).pipe(socket);
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  };
  const { dynamodb, sqs, kms, eventbridge } = engines;
  return {
    endpoints: {
      dynamodb: await front(dynamodb),
      sqs: await front(sqs),
      kms: await front(kms),
      eventbridge: await front(eventbridge),
    },
    trust,
    async stop() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
