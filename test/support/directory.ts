import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { busEvent, type Deployment } from './deployment.ts';

/** A namespace as the CI's events have it, in as far as the directory reads it. */
export type CiNamespace = {
  readonly id: number;
  readonly path: string;
  readonly user: string;
  readonly parent?: CiNamespace | undefined;
  readonly description?: string;
};

/** What a `namespaces` event holds of a namespace; the path's parents are those of `parent`. */
export function namespacePayload({ id, path, user, parent, description = '' }: CiNamespace): Record<string, unknown> {
  return {
    id,
    user_id: 500,
    root_id: parent === undefined ? id : rootOf(parent).id,
    parent_id: parent?.id ?? null,
    name: path.split('/').at(-1),
    path,
    description,
    visibility: 'internal',
    created_at: '2026-11-01T00:00:00Z',
    user: { username: user, email: `${user}@ci.example`, created_at: '2026-10-01T00:00:00Z' },
  };
}

/** An event of the type `namespaces`, in the namespace itself, so many seconds after 11:00 of the day of the deployment. */
export function namespaceEvent(
  action: string,
  of: CiNamespace,
  { second, id = randomUUID() }: { readonly second: number; readonly id?: string },
): string {
  const payload = JSON.stringify({ action, namespace: namespacePayload(of) });
  return busEvent({ namespaceId: of.id, id, type: 'namespaces', createdAt: timeAt(second), payload });
}

export function timeAt(second: number): string {
  return new Date(Date.parse('2026-11-23T11:00:00Z') + second * 1000).toISOString();
}

export function rootOf(namespace: CiNamespace): CiNamespace {
  return namespace.parent === undefined ? namespace : rootOf(namespace.parent);
}

/** Takes events through ingest in one batch; none of them may come back. */
export async function ingestTogether(
  { handlers }: Pick<Deployment, 'handlers'>,
  bodies: readonly string[],
): Promise<void> {
  const Records = bodies.map((body) => ({ messageId: randomUUID(), body }));
  expect(await handlers.ingest({ Records })).toEqual({ batchItemFailures: [] });
}
