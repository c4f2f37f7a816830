/** What was said of a deployment that cannot be meant, in sentences that say what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(sentences: readonly string[]) {
    super(`This cannot be deployed:\n${sentences.map((one) => `- ${one}`).join('\n')}`);
  }
}
