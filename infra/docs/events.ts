/** `docs/events.md`, made of the catalogue: what people who write receivers need to know of the events. */
import { deliveryRequest } from '../../functions/domain/request.ts';
import { type EventTypeEntity, eventTypeEntities } from '../../functions/web/api/catalogue.ts';
import type { JsonObjectSchema } from '../../functions/web/openapi/fields.ts';
import { fieldTable, typeLink } from './fields.ts';

const EXAMPLE = { secret: 'correct horse battery staple', body: '{"action":"created"}' };

/** What each header of a delivery is for. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'The body is JSON in UTF-8.',
  Accept: 'Answer with content of any type: it is kept for the log and decides nothing.',
  'Accept-Encoding': 'Answers are not to be compressed.',
  'User-Agent': 'The same for every delivery.',
  'X-Djinn-CI-Event': 'The event type: one of those below.',
  'X-Djinn-CI-Hook-ID': 'The id of the webhook.',
  'X-Djinn-CI-Delivery': 'The id of the delivery: the same for every attempt of it, so that you can tell repetitions.',
  'X-Djinn-CI-Signature': 'HMAC-SHA256 of the body, in hexadecimal. Only where the webhook has a secret.',
  'webhook-id': 'The id of the delivery, as Standard Webhooks names it. Only where the webhook has a secret.',
  'webhook-timestamp': 'When this attempt was made, in seconds since 1970. Only where the webhook has a secret.',
  'webhook-signature':
    'HMAC-SHA256 of id, timestamp and body, in base64; by each of two secrets, with a space between, while one replaces the other. Only where the webhook has a secret.',
};

/** The whole document. Throws where a header is sent that nothing is said of. */
export function eventsDocument(): string {
  const entries = eventTypeEntities();
  const definitions: Readonly<Record<string, JsonObjectSchema>> = Object.assign(
    {},
    ...entries.map(({ schema }) => schema.$defs),
  );
  // A namespace's latest build is linked as the build that it is, and needs no section of its own.
  const { LatestBuild: _, ...entities } = definitions;
  return [
    introduction(entries),
    delivery(),
    EVOLUTION,
    '## Event types',
    ...entries.map((entry) => eventSection(entry, entities)),
    ENTITIES,
    ...Object.entries(entities).map(([name, schema]) => `### ${name} entity\n\n${fieldTable(schema)}`),
  ]
    .join('\n\n')
    .concat('\n');
}

function introduction(entries: readonly EventTypeEntity[]): string {
  const links = entries.map(({ type }) => `[\`${type}\`](#${type.replace('.', '')})`);
  return `# Events

<!-- Made of functions/domain/catalogue.ts by \`npm run docs\`. Change it there, not here. -->

What arrives at the payload URL of a webhook, type by type:

${links.join(' ·\n')}

\`GET /events\`, with any token, answers the same as JSON: for each type its description, the JSON Schema (draft 2020-12) of its
payload, and the sample.`;
}

function delivery(): string {
  const { headers } = deliveryRequest({
    webhook: { id: 1, payloadUrl: 'https://receiver.example/' },
    eventType: 'namespaces',
    deliveryId: '019b0000-0000-7000-8000-000000000001',
    body: Buffer.from(EXAMPLE.body),
    secrets: [EXAMPLE.secret],
    nowMs: Date.parse('2026-03-09T14:07:48Z'),
  });
  const rows = headers.map(([name, value]) => {
    const meaning = HEADERS[name];
    if (meaning === undefined) throw new Error(`HEADERS says nothing of ${name}`);
    return `| \`${name}\` | ${meaning} | \`${value}\` |`;
  });
  return `## A delivery

A \`POST\` whose body is the payload itself, without an envelope, and whose headers say what it is. The examples are of one
delivery, whose body is \`${EXAMPLE.body}\` and whose secret is \`${EXAMPLE.secret}\`: try your verification on them.

| header | what it says | example |
| --- | --- | --- |
${rows.join('\n')}

How to check a signature, and when a delivery is tried again, is in the [README](../README.md#what-a-receiver-gets).`;
}

const EVOLUTION = `## What may differ from this page

- **Unknown fields appear.** The CI gains fields, in payloads and in entities, without notice. They are passed on byte for byte:
  ignore what you do not know, and refuse nothing for having it.
- **A payload may be off-catalogue**: a field that is documented here is missing or is of another kind. It is delivered all the
  same, as it was sent. \`off_catalogue\` of the event, in \`GET /n/:username/:path/-/events\`, says which field it is.
- **Deliveries may come twice and out of order.** Tell repetitions by \`X-Djinn-CI-Delivery\`, and what is newer by the times in
  the payload.`;

const ENTITIES = `## Entities

What the payloads are made of. A _time_ is text as in RFC 3339. The ids of users stand in the entities that refer to them.
Namespaces nest at most 20 deep. The \`namespace\` of a namespace's \`build\` is that namespace again, and may be cut short.`;

function eventSection(entry: EventTypeEntity, entities: Readonly<Record<string, JsonObjectSchema>>): string {
  return `### \`${entry.type}\`

${entry.description}

${payloadFields(entry.schema, entities)}

<details>
<summary>Sample of <code>${entry.type}</code></summary>

\`\`\`json
${JSON.stringify(entry.sample, null, 2)}
\`\`\`

</details>`;
}

/** An entity is linked where the payload is one; of one that differs in some fields, those are said. */
function payloadFields(payload: JsonObjectSchema, entities: Readonly<Record<string, JsonObjectSchema>>): string {
  if (payload.$ref !== undefined) return `The payload is a ${typeLink(payload)}.`;
  const [name, entity] = Object.entries(entities).find(([, other]) => fieldNames(other) === fieldNames(payload)) ?? [];
  if (name === undefined || entity === undefined) return fieldTable(payload);
  const differing = Object.entries(payload.properties ?? {}).filter(
    ([field, schema]) => JSON.stringify(schema) !== JSON.stringify(entity.properties?.[field]),
  );
  const properties = Object.fromEntries(differing);
  return `The payload is a ${typeLink({ $ref: name })}, but for:\n\n${fieldTable({ ...payload, properties })}`;
}

function fieldNames({ properties = {} }: JsonObjectSchema): string {
  return Object.keys(properties).join();
}
