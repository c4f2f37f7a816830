import type { Namespace } from '../../../domain/namespace.ts';
import type { Crumb } from '../frame.ts';
import type { Links } from '../links.ts';

/** The way to a namespace: its owner, its parents, itself. */
export function namespaceCrumbs({ owner, path }: Namespace, links: Links): readonly Crumb[] {
  return [...wayTo({ owner, path }, links).slice(0, -1), { text: path.split('/').at(-1) ?? '' }];
}

/** The way to a page within a namespace. */
export function crumbsWithin({ owner, path }: Namespace, links: Links, steps: readonly Crumb[]): readonly Crumb[] {
  return [...wayTo({ owner, path }, links), ...steps];
}

function wayTo({ owner, path }: Pick<Namespace, 'owner' | 'path'>, links: Links): readonly Crumb[] {
  const names = path.split('/');
  const steps = names.map((text, index) => ({
    text,
    href: links.webhooks({ owner, path: names.slice(0, index + 1).join('/') }),
  }));
  return [{ text: owner.username, href: links.root }, ...steps];
}
