import type { KMSClient } from '@aws-sdk/client-kms';

/** What a secret belongs to. KMS refuses to open it for anything else (the encryption context). */
export type SecretOwner = { readonly webhookId: number; readonly namespaceId: number };

export type Vault = ReturnType<typeof vault>;

/** A secret that no key we have opens, however often it is tried: sealed by another key, for somebody else, or damaged. */
export class LostSecretError extends Error {
  override readonly name = 'LostSecretError';
}

/** What KMS says of such a ciphertext (API Reference, Decrypt); all else that it says may be otherwise later. */
const LOST = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/** Opened secrets that one process keeps in memory. */
const CACHE_SIZE = 1000;

/**
 * Seals and opens the secrets of webhooks with a KMS key. A secret is at most 256 bytes and KMS encrypts up to 4 KB, so
 * it goes to KMS itself, without a data key. Opened ones are kept in memory by their ciphertext: no call per delivery.
 */
export function vault(kms: Pick<KMSClient, 'send'>, keyId: string) {
  const opened = new Map<string, Promise<string>>();

  const decrypt = async (sealed: string, owner: SecretOwner): Promise<string> => {
    const { DecryptCommand } = await import('./sdk-kms.ts');
    const command = new DecryptCommand({
      KeyId: keyId,
      CiphertextBlob: Buffer.from(sealed, 'base64'),
      EncryptionContext: context(owner),
    });
    const { Plaintext } = await kms.send(command).catch(asLost);
    if (Plaintext === undefined) throw new Error('KMS opened a secret and answered nothing');
    return Buffer.from(Plaintext).toString('utf8');
  };

  return {
    /** Seals a secret: base64 of KMS's ciphertext. */
    async seal(secret: string, owner: SecretOwner): Promise<string> {
      const { EncryptCommand } = await import('./sdk-kms.ts');
      const { CiphertextBlob } = await kms.send(
        new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from(secret, 'utf8'), EncryptionContext: context(owner) }),
      );
      if (CiphertextBlob === undefined) throw new Error('KMS sealed a secret and answered nothing');
      return Buffer.from(CiphertextBlob).toString('base64');
    },

    /**
     * Opens what `seal` made for the same owner. Throws where KMS refuses or fails, for what should be signed must not go unsigned: a
     * LostSecretError where that will be so for ever.
     */
    open(sealed: string, owner: SecretOwner): Promise<string> {
      const id = `${owner.namespaceId}/${owner.webhookId}/${sealed}`;
      const known = opened.get(id);
      if (known !== undefined) return known;
      const opening = decrypt(sealed, owner);
      const [oldest] = opened.keys();
      if (opened.size >= CACHE_SIZE && oldest !== undefined) opened.delete(oldest);
      opened.set(id, opening);
      // A failure is not remembered: the next attempt asks again.
      opening.catch(() => opened.delete(id));
      return opening;
    },
  };
}

function asLost(error: unknown): never {
  if (!(error instanceof Error && LOST.has(error.name))) throw error;
  throw new LostSecretError('The secret was sealed by another key, for another webhook, or is damaged', {
    cause: error,
  });
}

/** The text of a secret; undefined of one that is lost. Throws where KMS fails. */
export async function openUnlessLost(
  { vault }: { readonly vault: Pick<Vault, 'open'> },
  sealed: string,
  owner: SecretOwner,
): Promise<string | undefined> {
  try {
    return await vault.open(sealed, owner);
  } catch (error) {
    if (error instanceof LostSecretError) return undefined;
    throw error;
  }
}

function context({ webhookId, namespaceId }: SecretOwner): Record<string, string> {
  return { webhook_id: webhookId.toString(), namespace_id: namespaceId.toString() };
}
