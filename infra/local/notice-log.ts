import { log } from '../../functions/runtime/log.ts';
import type { BusNotice } from './bus.ts';

/** What is not logged: there is one for each delivery, and the log of deliveries has them. */
const PER_DELIVERY = 'delivery.dead';

/** Logs an event of the service's own, one line per change of a webhook, for whoever runs it has no rules on this bus. */
export function logNotice({ type, detail }: BusNotice): void {
  if (type === PER_DELIVERY) return;
  const { webhook_id: webhookId, since, reason, error } = detail;
  const fields = { webhookId, since, reason, lastError: error };
  if (type === 'webhook.recovered') log.info(type, fields);
  else log.warn(type, fields);
}
