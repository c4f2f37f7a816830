import * as v from 'valibot';
import { type IntakeDeps, takeEvent } from '../../actions/intake.ts';
import { RefusalError } from '../../domain/errors.ts';
import { EventInputSchema, parseEventDraft, readIdempotencyKey } from '../../domain/event-input.ts';
import { EVENT_BODY_MAX_BYTES, EVENT_DETAIL_MAX_BYTES, IDEMPOTENCY_KEY_MAX_CHARACTERS } from '../../domain/limits.ts';
import { isDelivery } from '../../domain/request.ts';
import { readJsonBody } from '../body.ts';
import { EXAMPLE_BASE, EXAMPLE_EVENT, EXAMPLE_NAMESPACE } from './examples.ts';
import { eventUrl } from './log-entities.ts';
import { EventReferenceSchema } from './log-schemas.ts';
import { type Route, type RouteDeps, tokenRoute } from './route.ts';

const IDEMPOTENCY_KEY = v.pipe(
  v.string(),
  v.regex(/^[!-~]+$/),
  v.maxLength(IDEMPOTENCY_KEY_MAX_CHARACTERS),
  v.description('The same for the repetitions of a request: with it they are one event, for a day.'),
);

const OWN_DELIVERY =
  'This is a delivery of a webhook, by its User-Agent or X-Djinn-CI headers. No event is made of it, or it would come back for ever';

type Deps = RouteDeps & IntakeDeps;

/** The route that takes events over HTTPS. The namespace stands in the body, not in the path. */
export function eventIntakeRoute(deps: Deps): Route {
  const { id, type, createdAt, namespaceId } = EXAMPLE_EVENT;
  return tokenRoute(deps, {
    name: 'sendEvent',
    group: 'Events',
    method: 'POST',
    path: '/events',
    access: 'event:write',
    summary: 'Puts an event on the bus, for producers outside of AWS.',
    description:
      'In a namespace that the caller reaches. Those that change the directory, `namespaces` and `invite.accepted`, and those of other namespaces need the scope `event:write_all`, too. A request with the headers of our own deliveries is refused.',
    headers: { 'Idempotency-Key': IDEMPOTENCY_KEY },
    body: {
      schema: EventInputSchema,
      example: { type, namespace_id: namespaceId, payload: { action: 'created' } },
      maxBytes: EVENT_BODY_MAX_BYTES,
    },
    answer: {
      status: 202,
      description: 'The bus has it.',
      schema: EventReferenceSchema,
      example: {
        id,
        type,
        namespace_id: namespaceId,
        created_at: createdAt,
        url: eventUrl(EXAMPLE_EVENT, EXAMPLE_NAMESPACE, EXAMPLE_BASE),
      },
    },
    refusals: {
      413: `The body has more than ${EVENT_BODY_MAX_BYTES / 1024} KB, or what is put on the bus of it more than ${EVENT_DETAIL_MAX_BYTES / 1024}.`,
      422: 'The `Idempotency-Key` came with another body before.',
    },
    async handle({ context, caller, base }) {
      if (isDelivery(context.req.raw.headers)) throw new RefusalError('own_delivery', OWN_DELIVERY);
      const idempotencyKey = readIdempotencyKey(context.req.header('idempotency-key'));
      const { text, value } = await readJsonBody(context.req.raw, EVENT_BODY_MAX_BYTES);
      const draft = parseEventDraft(text, value);
      const { event, namespace } = await takeEvent(deps, { caller, draft, body: text, idempotencyKey });
      const answer: v.InferOutput<typeof EventReferenceSchema> = {
        id: event.id,
        type: event.type,
        namespace_id: event.namespaceId,
        created_at: event.createdAt,
        url: namespace ? eventUrl(event, namespace, base) : null,
      };
      return context.json(answer, 202);
    },
  });
}
