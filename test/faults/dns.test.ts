import { expect, it } from 'vitest';
import { dialTcp } from '../../functions/transport/connector.ts';
import { deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';
import { openScene } from '../support/scene.ts';

/** What the resolver says at each question, in turn: an address, or an error. The last one stays. */
async function resolving(...script: readonly (string | Error)[]) {
  const receiver: Receiver = await startReceiver();
  let [questions, dials] = [0, 0];
  const scene = await openScene({
    url: `http://hooks.example.test:${new URL(receiver.url).port}/`,
    ledger: receiver.received,
    world: {
      async resolve() {
        const answer = script[Math.min(questions, script.length - 1)] ?? '';
        questions += 1;
        if (answer instanceof Error) throw answer;
        return [answer];
      },
      dial(to, signal) {
        dials += 1;
        return dialTcp(to, signal);
      },
    },
  });
  return { scene, receiver, dials: () => dials };
}

const failure = (code: string) => Object.assign(new Error(`queryA ${code}`), { code });

it('fault 16: a name that is not known, not answered, or asked in vain is tried again, until it is back', async () => {
  const script = [failure('ENOTFOUND'), failure('ESERVFAIL'), failure('ETIMEOUT'), '127.0.0.1'];
  const { scene, receiver, dials } = await resolving(...script);
  const [event] = await scene.emit();
  await scene.settle();
  const dns = { status: 'retrying', error: { class: 'dns' } };
  expect(await scene.delivery(event)).toMatchObject([dns, dns, dns, { status: 'succeeded' }]);
  expect([dials(), new Set(receiver.received.map(deliveryOf)).size]).toEqual([1, 1]);
  await scene.conserve();
  await receiver.stop();
});

it.each(['10.0.0.7', '169.254.169.254', '::ffff:192.168.0.1', 'fd00::1'])(
  'fault 16: a name that points to %s for a while gets no socket then, and is tried again',
  async (address) => {
    const { scene, receiver, dials } = await resolving(address, address, '127.0.0.1');
    const [event] = await scene.emit();
    await scene.work();
    expect(dials()).toBe(0);
    const blocked = { status: 'retrying', error: { class: 'blocked' } };
    expect(await scene.delivery(event)).toMatchObject([blocked, blocked]);
    expect((await scene.conserve()).counts).toMatchObject({ retrying: 1 });
    await scene.settle();
    expect((await scene.delivery(event)).at(-1)).toMatchObject({ status: 'succeeded' });
    expect([dials(), receiver.received.length]).toEqual([1, 1]);
    await scene.conserve();
    await receiver.stop();
  },
);
