import { Logger } from '@aws-lambda-powertools/logger';

/** The operator's log, in JSON lines. Nothing is logged of a success; never a secret, a payload or a user's URL. */
export const log = new Logger({ serviceName: 'djinn-webhooks' });
