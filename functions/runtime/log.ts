import { Logger } from '@aws-lambda-powertools/logger';
import { plainError, redact } from './redact.ts';

/** The operator's log, in JSON lines. Nothing is logged of a success; never a secret, a token, a signature, a payload or a user's URL. */
export const log = new Logger({
  serviceName: 'djinn-webhooks',
  jsonReplacerFn: (_, value) => {
    if (value instanceof Error) return plainError(value);
    return typeof value === 'string' ? redact(value) : value;
  },
});
