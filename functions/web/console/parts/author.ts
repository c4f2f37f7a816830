import type { Namespace } from '../../../domain/namespace.ts';
import type { Webhook } from '../../../domain/webhook.ts';

/** Who created a webhook; of one of before names were kept, the owner where they did, and else a number. */
export function authorName({ authorName: name, authorId }: Webhook, { owner }: Namespace): string {
  return name ?? (authorId === owner.id ? owner.username : `user ${authorId}`);
}
