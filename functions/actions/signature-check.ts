import type { Attempt } from '../domain/delivery.ts';
import { ValidationError } from '../domain/errors.ts';
import { CHECKED_SIGNATURE_MAX_CHARACTERS } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import { judgeSignature, type SignatureCase, type SignatureVerdict } from '../domain/signature-check.ts';
import { finding } from '../domain/signature-findings.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { EventStore } from '../store/events.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { openUnlessLost, type Vault } from '../transport/vault.ts';
import { notFound } from './directory.ts';

export type SignatureCheckDeps = {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly attempts: Pick<AttemptStore, 'attempt'>;
  readonly events: Pick<EventStore, 'payload'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly now: () => number;
};

/** Which attempt; `attempt` is its number. */
export type WhichAttempt = {
  readonly namespace: Namespace;
  readonly webhookId: number;
  readonly deliveryId: string;
  readonly attempt: number;
};

/**
 * Says of a signature that a user's code has computed for an attempt whether it is right and, if not, which mistake gives it. Throws
 * ValidationError for none, and for one that is too long.
 */
export async function checkSignature(
  deps: SignatureCheckDeps,
  which: WhichAttempt,
  computed: string,
): Promise<SignatureVerdict> {
  const { namespace, webhookId, deliveryId } = which;
  const webhook = await deps.webhooks.get(namespace.id, webhookId);
  const key = { webhookId, deliveryId, number: which.attempt };
  const attempt = webhook && (await deps.attempts.attempt(key, deps.now()));
  if (webhook === undefined || attempt === undefined) throw notFound();
  const pasted = pastedSignature(computed);
  if (attempt.request === undefined) return nothingToCompare('unsent');
  const { namespaceId, eventId: id, eventCreatedAt: createdAt } = attempt;
  const body = await deps.events.payload({ namespaceId, id, createdAt });
  if (body === undefined) return nothingToCompare('payload_gone');
  return judgeSignature(pasted, { ...signedBy(attempt), body, ...(await openSecrets(deps, webhook)) });
}

function pastedSignature(computed: string): string {
  const pasted = computed.trim();
  if (pasted === '') throw new ValidationError({ signature: ['Signature is required'] });
  if (pasted.length <= CHECKED_SIGNATURE_MAX_CHARACTERS) return pasted;
  throw new ValidationError({
    signature: [`Signature must have at most ${CHECKED_SIGNATURE_MAX_CHARACTERS} characters`],
  });
}

function nothingToCompare(name: 'unsent' | 'payload_gone'): SignatureVerdict {
  return { kind: 'nothing_to_compare', findings: [finding(name)], isSecretChanged: false };
}

/** What an attempt's own request says: the webhook may have had another secret then. */
function signedBy({ request, deliveryId }: Attempt): Pick<SignatureCase, 'sent' | 'id' | 'timestamp'> {
  const header = (name: string) => request?.headers.find(([key]) => key.toLowerCase() === name)?.[1];
  const djinn = header('x-djinn-ci-signature');
  return {
    sent: djinn === undefined ? undefined : { djinn, standard: header('webhook-signature') ?? '' },
    id: header('webhook-id') ?? deliveryId,
    timestamp: header('webhook-timestamp') ?? '',
  };
}

/** The secret that the webhook has, and the one that it replaced, also where that signs no more: it may have signed the attempt. One that is lost is not known. */
async function openSecrets(
  { vault }: SignatureCheckDeps,
  { id: webhookId, namespaceId, sealedSecret, previousSecret }: Webhook,
): Promise<Pick<SignatureCase, 'present' | 'previous' | 'isLost'>> {
  const open = async (sealed: string | undefined) =>
    sealed && openUnlessLost({ vault }, sealed, { webhookId, namespaceId });
  const [present, previous] = await Promise.all([open(sealedSecret), open(previousSecret?.sealed)]);
  return { present, previous, isLost: sealedSecret !== undefined && present === undefined };
}
