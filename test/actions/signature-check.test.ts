import { createHmac } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { pauseWebhook } from '../../functions/actions/pause.ts';
import { checkSignature, type SignatureCheckDeps } from '../../functions/actions/signature-check.ts';
import { changeWebhook, type WebhookDeps } from '../../functions/actions/webhooks.ts';
import { RefusalError, ValidationError } from '../../functions/domain/errors.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { openScene, type Scene } from '../support/scene.ts';

const PAYLOAD = '{"id": 1}';
const DAY_MS = 24 * 60 * 60 * 1000;

let scene: Scene;
let deps: SignatureCheckDeps & WebhookDeps;
beforeEach(async () => {
  scene = await openScene();
  deps = apiDeps(scene.engines.settings, scene.world);
});

const webhookId = () => scene.webhooks[0]?.id ?? 0;
const change = (body: object) => changeWebhook(deps, { namespace: scene.namespace, id: webhookId() }, { ...body });
const mac = (secret: string, body = PAYLOAD) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Delivers an event; answers which attempt that made. */
async function deliver() {
  const [event] = await scene.emit(1, PAYLOAD);
  if (event === undefined) throw new Error('There is no event');
  await scene.work();
  return { namespace: scene.namespace, webhookId: webhookId(), deliveryId: deliveryId(event, webhookId()), attempt: 1 };
}

const names = async (which: Awaited<ReturnType<typeof deliver>>, computed: string) => {
  const { kind, findings, isSecretChanged } = await checkSignature(deps, which, computed);
  return [kind, isSecretChanged, ...findings.map(({ name }) => name)];
};

it('compares with what the attempt sent, by the secret of the vault', async () => {
  const which = await deliver();
  const [request] = scene.receiver.received;
  expect(await names(which, `${request?.headers['x-djinn-ci-signature']}`)).toEqual(['right', false, 'right_djinn']);
  expect(await names(which, `${request?.headers['webhook-signature']}`)).toEqual(['right', false, 'right_standard']);
  expect(await names(which, mac('s3cret'))).toEqual(['right', false, 'right_djinn']);
  expect(await names(which, mac('s3cret\n'))).toEqual(['mistaken', false, 'newline_secret']);
  expect(await names(which, mac('s3cret', '{"id":1}'))).toEqual(['mistaken', false, 'reencoded']);
  expect(await names(which, mac('another'))).toEqual(['unknown', false, 'unknown']);
});

it('goes by what was sent where the secret is lost', async () => {
  const which = await deliver();
  const [webhook] = scene.webhooks;
  if (webhook === undefined) throw new Error('There is no webhook');
  const sealedSecret = await deps.vault.seal('s3cret', { webhookId: 0, namespaceId: webhook.namespaceId });
  await deps.webhooks.change(webhook, { sealedSecret });
  expect(await names(which, mac('s3cret'))).toEqual(['right', false, 'right_djinn']);
  expect(await names(which, mac('s3cret\n'))).toEqual(['unknown', false, 'secret_lost']);
});

it('knows that the secret was changed since, for as long as the earlier one is kept', async () => {
  const before = await deliver();
  await change({ secret: 'another' });
  const after = await deliver();
  expect(await names(before, mac('s3cret'))).toEqual(['right', true, 'right_djinn']);
  expect(await names(before, mac('another'))).toEqual(['mistaken', true, 'newer_secret']);
  expect(await names(after, mac('s3cret'))).toEqual(['mistaken', false, 'replaced_secret']);
  await change({ remove_secret: true });
  expect(await names(before, mac('s3cret\n'))).toEqual(['unknown', true, 'unknown_since_changed']);
  expect(await names(before, mac('s3cret').slice(7))).toEqual(['mistaken', true, 'no_prefix']);
});

it('has nothing to compare with where nothing was signed, nothing was sent, or the body is gone', async () => {
  const signed = await deliver();
  await change({ remove_secret: true });
  expect(await names(await deliver(), mac('s3cret'))).toEqual(['nothing_to_compare', false, 'unsigned']);
  const until = new Date(scene.clock.nowMs + DAY_MS).toISOString();
  await pauseWebhook(
    deps as Parameters<typeof pauseWebhook>[0],
    { namespace: scene.namespace, id: webhookId() },
    { until },
  );
  expect(await names(await deliver(), mac('s3cret'))).toEqual(['nothing_to_compare', false, 'unsent']);
  const withoutPayloads = { ...deps, events: { payload: async () => undefined } };
  const gone = await checkSignature(withoutPayloads, signed, mac('s3cret'));
  expect(gone).toMatchObject({ kind: 'nothing_to_compare', findings: [{ name: 'payload_gone' }] });
});

it('refuses what is no input, and what there is not', async () => {
  const which = await deliver();
  const fields = (computed: string) => checkSignature(deps, which, computed).catch((error: unknown) => error);
  expect(await fields(' \n')).toEqual(new ValidationError({ signature: ['Signature is required'] }));
  expect(await fields('a'.repeat(1025))).toEqual(
    new ValidationError({ signature: ['Signature must have at most 1024 characters'] }),
  );
  expect(await names(which, 'a'.repeat(1024))).toEqual(['unreadable', false, 'wrong_length']);
  for (const other of [{ attempt: 2 }, { webhookId: 99 }, { deliveryId: crypto.randomUUID() }]) {
    const refused = checkSignature(deps, { ...which, ...other }, mac('s3cret'));
    await expect(refused).rejects.toThrow(RefusalError);
  }
});

it('opens no secret for what has nothing to be compared', async () => {
  const which = await deliver();
  let opened = 0;
  const vault: SignatureCheckDeps['vault'] = {
    open: async () => {
      opened += 1;
      return 's3cret';
    },
  };
  await expect(checkSignature({ ...deps, vault }, { ...which, attempt: 7 }, mac('s3cret'))).rejects.toThrow();
  await expect(checkSignature({ ...deps, vault }, which, '')).rejects.toThrow(ValidationError);
  expect(opened).toBe(0);
});
