import { createHmac } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { apiDeps, deliverDeps } from '../../functions/runtime/deps.ts';
import type { Received } from '../support/receiver.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';

function isSignedWith(secret: string, { headers, body }: Received): boolean {
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  const standard = new StandardWebhook(secret, { format: 'raw' });
  try {
    standard.verify(body, headers as Record<string, string>, {});
  } catch {
    return false;
  }
  return String(headers['x-djinn-ci-signature']).endsWith(digest);
}
