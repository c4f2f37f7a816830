import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

let api: Api;

beforeAll(async () => {
  api = await openApi({
    PUBLIC_URL: 'https://ci.example.com/hooks',
    ALLOWED_NETWORKS: '0.0.0.0/0, ::/0',
  });
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

const create = (payload_url: string, status: number) =>
  read(api.call(WEBHOOKS, { method: 'POST', body: { payload_url } }), status);

/** Creates a webhook and has it point elsewhere. */
async function change(payload_url: string, status: number) {
  const { id } = await create(`https://receiver.example.com/${crypto.randomUUID()}`, 201);
  return read(api.call(`${WEBHOOKS}/${id}`, { method: 'PATCH', body: { payload_url } }), status);
}

describe.each([
  ['creating', create],
  ['changing', change],
])('%s a webhook', (name, save) => {
  it.each(['https://ci.example.com/hooks/events', 'https://CI.EXAMPLE.COM./', 'http://ci.example.com:8080/'])(
    'refuses our own host: %s',
    async (url) => {
      const sentence = 'Payload URL must not point to this service itself: what is sent would come back for ever';
      expect(await save(url, 400)).toEqual({ payload_url: [sentence] });
    },
  );

  it.each([
    '169.254.169.254',
    '100.100.100.200',
    '0.0.0.0',
    '[fe80::1]',
    '[::]',
    '[fd00:ec2::254]',
    '[::ffff:10.0.0.1]',
  ])('refuses %s whatever the operator allows', async (host) => {
    expect(await save(`http://${host}/`, 400)).toEqual({
      payload_url: ['Payload URL must point to a public address'],
    });
  });

  it('takes a private address that the operator allows', async () => {
    const url = `https://10.0.0.1/${name}`;
    expect(await save(url, name === 'creating' ? 201 : 200)).toMatchObject({ payload_url: url });
  });
});
