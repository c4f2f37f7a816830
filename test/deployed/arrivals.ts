import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { verify } from '@octokit/webhooks-methods';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { EVENTS_PER_ENTRY_MAX } from '../../functions/domain/limits.ts';
import { signIn } from './client.ts';
import type { Deployed, Put } from './deployed.ts';
import { eventually } from './eventually.ts';
import type { Arrival } from './receiver-child.ts';
import { createWebhook, type Webhook } from './webhook.ts';

export const NAMESPACE = 'admin/demo';
const SECRET = `whsec_${Buffer.from('a secret that only the test and its receiver know').toString('base64')}`;

/** The main job: an event of each type, from the bus to a receiver. */
export async function deliverAll(deployed: Deployed, namespaceId: number): Promise<Webhook> {
  const { step, say, producer, outputs } = deployed;
  const webhook = await step('Creating a webhook, over the API', () =>
    createWebhook(deployed, { namespace: NAMESPACE, answers: ['204'], secret: SECRET }),
  );
  const events: Put[] = [];
  await step(
    `Putting an event of each of the ${EVENT_TYPES.length} types on the bus, ${EVENTS_PER_ENTRY_MAX} of them in one entry`,
    async () => {
      const together = EVENT_TYPES.slice(0, EVENTS_PER_ENTRY_MAX);
      events.push(...(await producer.putTogether(namespaceId, together)));
      for (const type of EVENT_TYPES.slice(together.length)) events.push(await producer.put({ namespaceId, type }));
    },
  );
  await step('Seeing them arrive, signed', async () => {
    await untilAll(events, (event) => webhook.arrivalsOf(event).length > 0);
    for (const event of events) await check(webhook.arrivalsOf(event), { event, webhook });
  });
  say(`${events.length} deliveries; X-Djinn-CI-Signature and webhook-signature hold for each`);
  await step('Putting the event on the bus that the stack says to put there', async () => {
    for (const entry of entriesOf(outputs.EmitCommand)) await producer.putEntry(entry);
    const isIt = ({ body }: Arrival) => isDeepStrictEqual(JSON.parse(body), { id: 1 });
    await eventually('it arrives', () => deployed.receiver.arrivals(webhook.url).some(isIt));
  });
  return webhook;
}

/** What the console shows of it, to somebody who has signed in with the token. */
export async function lookAtConsole(
  deployed: Deployed,
  { webhook, token }: { readonly webhook: Webhook; readonly token: string },
) {
  await deployed.step('Signing in to the console, and looking at the webhook and its log', async () => {
    const browser = await signIn({ consoleUrl: deployed.outputs.ConsoleUrl, token });
    assert.ok((await browser.page(`/console${webhook.path}`)).includes(webhook.url), 'The page lacks the payload URL');
    const log = await browser.page(`/console${webhook.path}/deliveries`);
    assert.match(log, /build\.finished/, 'The log lacks the delivery of build.finished');
  });
}

async function untilAll(events: readonly Put[], holds: (event: Put) => boolean): Promise<void> {
  const missing = () => events.filter((event) => !holds(event)).map(({ type }) => type);
  await eventually('all have arrived', () => missing().length === 0).catch((cause: unknown) => {
    throw new Error(`${missing().length} of ${events.length} have not arrived: ${missing().join(', ')}`, { cause });
  });
}

/** One request, as docs/events.md and the contract have it: whose it is, what it says, and that it is ours. */
async function check(
  arrivals: readonly Arrival[],
  { event, webhook }: { readonly event: Put; readonly webhook: Webhook },
): Promise<void> {
  const [arrival] = arrivals;
  assert.ok(arrival);
  assert.equal(arrivals.length, 1, `${event.type} came more than once`);
  const { headers, body } = arrival;
  assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(event.payload)));
  assert.equal(headers['x-djinn-ci-event'], event.type);
  assert.equal(headers['x-djinn-ci-hook-id'], webhook.id.toString());
  const signature = headers['x-djinn-ci-signature'] ?? '';
  assert.ok(await verify(SECRET, body, signature), `X-Djinn-CI-Signature of ${event.type} does not hold`);
  // Throws where it does not hold, or is not of these minutes.
  new StandardWebhook(SECRET).verify(body, headers);
}

/** The entries of `aws events put-events --entries '…'`. */
function entriesOf(command: string): readonly PutEventsRequestEntry[] {
  const [, entries = ''] = /^aws events put-events --entries '(.*)'$/.exec(command) ?? [];
  return JSON.parse(entries) as readonly PutEventsRequestEntry[];
}
