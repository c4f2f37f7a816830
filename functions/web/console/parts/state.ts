import type { WebhookView } from '../../../actions/webhooks.ts';
import { type WebhookState, webhookState } from '../../../domain/webhook-state.ts';
import { badge, type Tone } from './badge.ts';
import type { IconName } from './icon.ts';

const LOOKS: Readonly<Record<WebhookState, { readonly tone: Tone; readonly sign: IconName; readonly text: string }>> = {
  healthy: { tone: 'good', sign: 'check', text: 'Healthy' },
  unproven: { tone: 'quiet', sign: 'ring', text: 'Unproven' },
  failing: { tone: 'bad', sign: 'warning', text: 'Failing' },
  paused: { tone: 'wait', sign: 'pause', text: 'Paused' },
  deactivated: { tone: 'bad', sign: 'cross', text: 'Deactivated' },
  inactive: { tone: 'quiet', sign: 'dash', text: 'Inactive' },
  never_called: { tone: 'quiet', sign: 'ring', text: 'Never called' },
};

/** How a webhook does. */
export function stateBadge(view: WebhookView) {
  return badge(LOOKS[webhookState(view.webhook, view)]);
}
