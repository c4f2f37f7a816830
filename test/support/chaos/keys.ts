type Context = Readonly<Record<string, string>>;

/** KMS's Encrypt in this process: whoever judges a run can read the ciphertext. */
export function encrypt(input: { readonly Plaintext: Uint8Array; readonly EncryptionContext: Context }) {
  const sealed = { plaintext: Buffer.from(input.Plaintext).toString('utf8'), context: input.EncryptionContext };
  return { CiphertextBlob: Buffer.from(JSON.stringify(sealed)) };
}

/** KMS's Decrypt in this process. Throws where the context is another than that of the encryption. */
export function decrypt(input: { readonly CiphertextBlob: Uint8Array; readonly EncryptionContext: Context }) {
  const { plaintext, context } = JSON.parse(Buffer.from(input.CiphertextBlob).toString('utf8'));
  if (JSON.stringify(context) !== JSON.stringify(input.EncryptionContext)) throw new Error('The context is another');
  return { Plaintext: Buffer.from(plaintext, 'utf8') };
}

/** A secret, by its ciphertext as it stands in the item of a webhook. */
export function secretOf(sealed: unknown): string | undefined {
  if (sealed === undefined) return undefined;
  return JSON.parse(Buffer.from(String(sealed), 'base64').toString('utf8')).plaintext;
}
