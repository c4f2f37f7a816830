const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether a request was meant for this server, by its `Host`: loopback's by any of its names, or that of the public URL, which a proxy hands
 * on. Any other is a name of somebody else's that points to this machine, by which a website could have a browser read what is here alone
 * (DNS rebinding): to the browser it is the website's own.
 */
export function ownHosts(publicUrl: string): (request: Request) => boolean {
  const publicHost = URL.parse(publicUrl)?.hostname;
  return ({ headers }) => {
    // In lower case, an address in its usual form, without the port and the root's dot.
    const host = URL.parse(`http://${headers.get('host')}`)?.hostname.replace(/\.$/, '');
    return host !== undefined && (LOOPBACK.test(host) || host === publicHost);
  };
}

/** What a request for another host is answered, whatever it asks for. */
export function misdirected(): Response {
  const message =
    'This server answers to localhost and the host of PUBLIC_URL alone: set PUBLIC_URL to the URL that it is called by';
  return Response.json({ message }, { status: 421 });
}
