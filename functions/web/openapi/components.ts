import {
  DeliveryReferenceSchema,
  DeliverySchema,
  DeliverySummarySchema,
  EventReferenceSchema,
  EventSchema,
  EventSummarySchema,
  EventTypeSchema,
  RecoverySchema,
  VerdictSchema,
} from '../api/log-schemas.ts';
import { FieldErrorsSchema, MessageSchema, NamespaceSchema, UserSchema, WebhookSchema } from '../api/schemas.ts';

/** The schemas that others refer to, by their names in the document. */
export const COMPONENTS = {
  Webhook: WebhookSchema,
  DeliverySummary: DeliverySummarySchema,
  Delivery: DeliverySchema,
  DeliveryReference: DeliveryReferenceSchema,
  Recovery: RecoverySchema,
  EventSummary: EventSummarySchema,
  Event: EventSchema,
  EventReference: EventReferenceSchema,
  Verdict: VerdictSchema,
  EventType: EventTypeSchema,
  Namespace: NamespaceSchema,
  User: UserSchema,
  Message: MessageSchema,
  FieldErrors: FieldErrorsSchema,
};
