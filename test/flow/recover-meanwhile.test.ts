import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRecovery, type RecoveryDeps, startRecovery } from '../../functions/actions/recoveries.ts';
import { deleteWebhook } from '../../functions/actions/webhooks.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { HOUR_AGO, type Recoverable, recoverable, seconds } from '../support/recoverable.ts';

let deployment: Deployment;
let receiver: Receiver;
let r: Recoverable;

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver();
});
beforeEach(async () => {
  r = await recoverable(deployment, receiver);
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

describe('what goes wrong meanwhile', () => {
  it('SQS takes part of a batch: the page is not done, and is sent again, of which the receiver sees nothing', async () => {
    const ids = await r.logged(seconds(30));
    const small = { ...r.deps, deliveriesPerPage: 20 };
    const undo = intercept(deployment.world.sqs, 'SendMessageBatch', async (input, send) => {
      const { Entries } = input as { Entries: { Id: string }[] };
      const [refused] = Entries.splice(-1);
      const answered = Entries.length === 0 ? { output: {} } : await send();
      return {
        output: { ...answered.output, Failed: [{ Id: refused?.Id, Code: 'InternalError', SenderFault: false }] },
      };
    });
    const started = await startRecovery(small, r.of, HOUR_AGO);
    undo();
    expect(started).toMatchObject({ status: 'running', deliveriesRedelivered: 0 });
    expect(r.failures).toEqual([new Error('The deliveries queue did not take 2 of 20 redeliveries')]);
    await deployment.step('deliveries', deployment.handlers.deliver);
    for (let minute = 0; minute < 3; minute++) await r.run();
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids);
    expect((await r.now(started)).status).toBe('finished');
  });

  it('one recovery fails, and the run with it: the others go on, and it goes on when its hold has run out', async () => {
    await r.logged(seconds(3));
    const small = { ...r.deps, deliveriesPerPage: 1 };
    const broken = await startRecovery(small, r.of, HOUR_AGO);
    const other = await recoverable(deployment, receiver);
    await other.logged(seconds(3));
    const healthy = await startRecovery(small, other.of, HOUR_AGO);
    const stretch: RecoveryDeps['attempts']['stretch'] = async (webhookId, options) => {
      if (webhookId === r.webhook.id) throw new Error('DynamoDB is away');
      return r.deps.attempts.stretch(webhookId, options);
    };
    await expect(r.run({ ...small, attempts: { ...r.deps.attempts, stretch } })).rejects.toThrow('DynamoDB is away');
    expect(await other.now(healthy)).toMatchObject({ status: 'finished', deliveriesRedelivered: 3 });
    expect(r.failures).toEqual([new Error('DynamoDB is away')]);
    expect(await r.run(small), 'held').toEqual({ redelivered: 0 });
    expect(await r.run(small)).toEqual({ redelivered: 2 });
    expect(await r.now(broken)).toMatchObject({ status: 'finished' });
  });

  it('it is cancelled: nothing more is sent, and what was sent goes on', async () => {
    const ids = await r.logged(seconds(6));
    const small = { ...r.deps, deliveriesPerPage: 2 };
    const { id } = await startRecovery(small, r.of, HOUR_AGO);
    await cancelRecovery(small, { ...r.of, recoveryId: id });
    await r.run(small);
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids.slice(0, 2));
    expect(await r.now({ id })).toMatchObject({ status: 'cancelled', deliveriesRedelivered: 2, reason: undefined });
    await expect(cancelRecovery(small, { ...r.of, recoveryId: id })).rejects.toThrow('it is cancelled');
  });

  it('it is cancelled while a page is under way: that page is the last one', async () => {
    const ids = await r.logged(seconds(6));
    const small = { ...r.deps, deliveriesPerPage: 2 };
    const { id } = await startRecovery(small, r.of, HOUR_AGO);
    const send: RecoveryDeps['deliveries']['send'] = async (batch) => {
      await cancelRecovery(small, { ...r.of, recoveryId: id });
      return r.deps.deliveries.send(batch);
    };
    expect(await r.run({ ...small, deliveries: { send } })).toEqual({ redelivered: 2 });
    await r.run(small);
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids.slice(0, 4));
    expect((await r.now({ id })).status).toBe('cancelled');
    expect(r.failures).toEqual([]);
  });

  it('it is asked for five times at once: one begins', async () => {
    const ids = await r.logged(seconds(250));
    const asked = await Promise.allSettled([1, 2, 3, 4, 5].map(() => startRecovery(r.deps, r.of, HOUR_AGO)));
    const reasons = asked.flatMap((one) => (one.status === 'rejected' ? [String(one.reason.message)] : []));
    expect(reasons).toEqual(Array(4).fill('A recovery of this webhook is running. Cancel it, or wait'));
    await r.run();
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids);
    expect(await startRecovery(r.deps, r.of, HOUR_AGO), 'then another one').toMatchObject({ status: 'finished' });
  });

  it('the webhook is deleted: it stops, and says why', async () => {
    await r.logged(seconds(3));
    const small = { ...r.deps, deliveriesPerPage: 1 };
    const { id } = await startRecovery(small, r.of, HOUR_AGO);
    await deleteWebhook(apiDeps(deployment.engines.settings, deployment.world), { ...r.of, id: r.webhook.id });
    expect(await r.run(small)).toEqual({ redelivered: 0 });
    expect(await r.now({ id })).toMatchObject({ status: 'cancelled', reason: 'The webhook was deleted' });
  });

  it('the webhook is deactivated: it stops, and says why; and while it is inactive none begins', async () => {
    await r.logged(seconds(3));
    const small = { ...r.deps, deliveriesPerPage: 1 };
    const { id } = await startRecovery(small, r.of, HOUR_AGO);
    await deployment.webhooks.change(r.webhook, { active: false });
    expect(await r.run(small)).toEqual({ redelivered: 0 });
    expect(await r.now({ id })).toMatchObject({ status: 'cancelled', reason: 'The webhook was deactivated' });
    await expect(startRecovery(r.deps, r.of, HOUR_AGO)).rejects.toThrow('The webhook is inactive. Activate it first');
  });

  it('deliveries come in the meantime: those are none of its business', async () => {
    const ids = await r.logged(seconds(4));
    const small = { ...r.deps, deliveriesPerPage: 2 };
    await startRecovery(small, r.of, HOUR_AGO);
    await r.logged([-30]);
    await r.run(small);
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids);
  });
});
