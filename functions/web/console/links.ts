import { eventName } from '../../domain/event.ts';

export type Links = ReturnType<typeof linksFrom>;

type Named = { readonly owner: { readonly username: string }; readonly path: string };

/** The paths of the pages. `base` is the URL that the application stands at. */
export function linksFrom(base: string) {
  const root = `${new URL(base).pathname.replace(/\/$/, '')}/console`;
  const namespace = ({ owner, path }: Named) => `${root}/n/${owner.username}/${path}`;
  const webhooks = (of: Named) => `${namespace(of)}/-/webhooks`;
  const webhook = (of: Named, id: number) => `${webhooks(of)}/${id}`;
  const deliveries = (of: Named, id: number) => `${webhook(of, id)}/deliveries`;
  return {
    root,
    signIn: `${root}/sign-in`,
    signOut: `${root}/sign-out`,
    /** Where the REST API describes itself. */
    apiDocs: `${new URL(base).pathname.replace(/\/$/, '')}/docs`,
    asset: (hashedName: string) => `${root}/assets/${hashedName}`,
    namespace,
    webhooks,
    newWebhook: (of: Named) => `${webhooks(of)}/new`,
    webhook,
    deliveries,
    delivery: (of: Named, id: number, deliveryId: string) => `${deliveries(of, id)}/${deliveryId}`,
    events: (of: Named) => `${namespace(of)}/-/events`,
    event: (of: Named, event: Parameters<typeof eventName>[0]) => `${namespace(of)}/-/events/${eventName(event)}`,
  };
}
