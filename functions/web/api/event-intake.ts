import type { Hono } from 'hono';
import { authenticate } from '../../actions/directory.ts';
import { type IntakeDeps, takeEvent } from '../../actions/intake.ts';
import { parseEventDraft, readIdempotencyKey } from '../../domain/event-input.ts';
import { EVENT_BODY_MAX_BYTES } from '../../domain/limits.ts';
import { readJsonBody } from '../body.ts';
import { eventUrl } from './entities.ts';
import { bearerToken } from './routes.ts';

/** Puts the route that takes events over HTTPS into an application. The namespace stands in the body, not in the path. */
export function addEventIntakeRoute(app: Hono, deps: IntakeDeps): void {
  app.post('/events', async (context) => {
    const caller = await authenticate(deps, bearerToken(context), 'event:write');
    const idempotencyKey = readIdempotencyKey(context.req.header('idempotency-key'));
    const { text, value } = await readJsonBody(context.req.raw, EVENT_BODY_MAX_BYTES);
    const draft = parseEventDraft(text, value);
    const { event, namespace } = await takeEvent(deps, { caller, draft, body: text, idempotencyKey });
    const answer = {
      id: event.id,
      type: event.type,
      namespace_id: event.namespaceId,
      created_at: event.createdAt,
      url: namespace ? eventUrl(event, namespace, new URL(context.req.url).origin) : null,
    };
    return context.json(answer, 202);
  });
}
