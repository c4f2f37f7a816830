import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RecoveryDeps, startRecovery } from '../../functions/actions/recoveries.ts';
import { recoverHandler } from '../../functions/recover.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { Crash, crashAt } from '../support/failing.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { createdAt, HOUR_AGO, MINUTE, type Recoverable, recoverable, START, seconds } from '../support/recoverable.ts';

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

describe('a recovery', () => {
  it('makes 250 dead deliveries again, oldest first, each once: a page in the answer, the rest by the schedule', async () => {
    const ids = await r.logged(seconds(250));
    const messages: string[] = [];
    const send: RecoveryDeps['deliveries']['send'] = (batch) => {
      messages.push(...batch.map(({ body }) => (JSON.parse(body) as { delivery: string }).delivery));
      return r.deps.deliveries.send(batch);
    };
    const watched = { ...r.deps, deliveries: { send } };
    const started = await startRecovery(watched, r.of, HOUR_AGO);
    expect(started).toMatchObject({ status: 'running', deliveriesRead: 100, deliveriesRedelivered: 100 });
    expect(await r.run(watched)).toEqual({ redelivered: 150 });
    expect(await r.now(started)).toMatchObject({
      status: 'finished',
      deliveriesRead: 250,
      deliveriesRedelivered: 250,
      finishedAt: '2026-11-23T12:01:00.000Z',
    });
    expect(messages).toEqual(ids);
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids);
    const log = await deployment.attempts.delivery(r.webhook.id, ids[7] ?? '', START);
    expect(log).toMatchObject([{ status: 'dead' }, { status: 'succeeded', number: 2, firstOfRun: 2 }]);
    expect(await r.run(watched), 'finished is finished').toEqual({ redelivered: 0 });
  });

  it('takes the status and the stretch of time that were asked for, and no other webhook', async () => {
    await r.logged([100, 300, 500]);
    const [inRange] = await r.logged([301], 'cancelled');
    await r.logged([99, 501], 'cancelled');
    const body = { since: createdAt(500), until: createdAt(100), status: 'cancelled' };
    expect(await startRecovery(r.deps, r.of, body)).toMatchObject({
      status: 'finished',
      deliveriesRead: 3,
      deliveriesRedelivered: 1,
    });
    await r.deliver();
    expect(r.arrived()).toEqual([inRange]);
    await startRecovery(r.deps, r.of, { since: createdAt(500), until: createdAt(100) });
    await r.deliver();
    expect(r.arrived(), 'since is in, until is not').toEqual([inRange, r.idAt(500), r.idAt(300)]);
  });

  it('judges a delivery by its last attempt, however many it had', async () => {
    const [id = ''] = await r.logged([100], 'retrying');
    const [first] = (await deployment.attempts.delivery(r.webhook.id, id, START)) ?? [];
    if (first === undefined) throw new Error('no attempt');
    const rest = Array.from({ length: 9 }, (_, index) => ({ attempt: { ...first, number: index + 2 } }));
    await deployment.attempts.record([...rest, { attempt: { ...first, number: 11, status: 'dead' } }]);
    const [recovered = ''] = await r.logged([90]);
    await deployment.attempts.record([
      { attempt: { ...first, deliveryId: recovered, number: 2, status: 'dead' } },
      { attempt: { ...first, deliveryId: recovered, number: 3, firstOfRun: 3, status: 'succeeded' } },
    ]);
    const small = { ...r.deps, deliveriesPerPage: 1 };
    const started = await startRecovery(small, r.of, HOUR_AGO);
    await r.run(small);
    await r.deliver();
    expect(r.arrived()).toEqual([id]);
    expect(await r.now(started)).toMatchObject({ status: 'finished', deliveriesRead: 2, deliveriesRedelivered: 1 });
    const attempts = await deployment.attempts.delivery(r.webhook.id, id, START);
    expect(attempts?.at(-1)).toMatchObject({ number: 12, firstOfRun: 12, status: 'succeeded' });
  });

  it('keeps a pace that a receiver can keep, even where a run comes twice', async () => {
    await r.logged(seconds(9));
    const slow = { ...r.deps, deliveriesPerPage: 2, deliveriesPerRun: 3 };
    await startRecovery(slow, r.of, HOUR_AGO);
    expect(await r.run(slow)).toEqual({ redelivered: 3 });
    expect(await recoverHandler(slow)({}), 'the same minute').toEqual({ redelivered: 0 });
    expect(await r.run(slow)).toEqual({ redelivered: 3 });
    expect(await r.run(slow)).toEqual({ redelivered: 1 });
    await r.deliver();
    expect(r.arrived()).toHaveLength(9);
  });

  it('stops in time, and goes on in the next run', async () => {
    await r.logged(seconds(6));
    const slow = { ...r.deps, deliveriesPerPage: 2 };
    await startRecovery(slow, r.of, HOUR_AGO);
    const send: RecoveryDeps['deliveries']['send'] = (batch) => {
      deployment.clock.nowMs += 20_000;
      return r.deps.deliveries.send(batch);
    };
    expect(await r.run({ ...slow, deliveries: { send } })).toEqual({ redelivered: 2 });
    expect(await r.run(slow)).toEqual({ redelivered: 2 });
  });

  it('is worked on by one of two runs at once', async () => {
    const ids = await r.logged(seconds(7));
    const small = { ...r.deps, deliveriesPerPage: 2 };
    await startRecovery(small, r.of, HOUR_AGO);
    deployment.clock.nowMs += MINUTE;
    const runs = await Promise.all([1, 2, 3].map(() => recoverHandler(small)({})));
    expect(runs.map(({ redelivered }) => redelivered).toSorted()).toEqual([0, 0, 5]);
    await r.deliver();
    expect(r.arrived().toSorted()).toEqual(ids);
  });
});

describe('a crash', () => {
  /** Of what has succeeded: such a delivery stands after it was made again as it stood before. */
  const body = { ...HOUR_AGO, until: createdAt(0), status: 'succeeded' };

  /** Kills a recovery of ten deliveries at a call of its; answers whether it was made so soon that it lived to its end. */
  async function killAt(nth: number, when: 'before' | 'after', small: RecoveryDeps): Promise<boolean> {
    const crash = crashAt(deployment.world, nth, when);
    const life = async () => {
      await startRecovery(small, r.of, body);
      await r.run(small);
    };
    await life().catch((error) => expect(error).toBeInstanceOf(Crash));
    crash.revive();
    return crash.calls() < nth;
  }

  it.each(['before', 'after'] as const)(
    '%s any of its calls: every delivery is made again, exactly once',
    async (when) => {
      for (let nth = 1, isAlive = false; !isAlive; nth++) {
        r = await recoverable(deployment, receiver);
        const ids = await r.logged(seconds(10), 'succeeded');
        const small = { ...r.deps, deliveriesPerPage: 4 };
        isAlive = await killAt(nth, when, small);
        // Some of what was sent before the crash has been attempted by the time that the work goes on.
        for (let batch = 0; batch < nth % 3; batch++) await deployment.step('deliveries', deployment.handlers.deliver);
        deployment.clock.nowMs += 5 * MINUTE;
        // The user asks again where the first request came to nothing.
        if ((await r.all()).length === 0) await startRecovery(small, r.of, body);
        for (let more = 0; more < 3; more++) await r.run(small);
        await r.deliver();
        expect(r.arrived().toSorted(), `killed ${when} call ${nth}`).toEqual(ids);
        expect((await r.all()).map(({ status }) => status)).toEqual(['finished']);
        expect(nth).toBeLessThan(60);
      }
    },
  );
});
