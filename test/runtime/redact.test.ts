import { expect, it, vi } from 'vitest';
import { mintToken } from '../../functions/domain/token.ts';
import { log } from '../../functions/runtime/log.ts';
import { redact } from '../../functions/runtime/redact.ts';

const TOKEN = mintToken(new Uint8Array(32).fill(9));

it.each([
  [`The token ${TOKEN} is no good`, 'The token djinn_… is no good'],
  [`Authorization: Bearer ${TOKEN}`, 'Authorization: Bearer …'],
  ['Authorization: Basic YWRtaW46czNjcmV0', 'Authorization: Basic …'],
  ['The secret whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD=', 'The secret whsec_…'],
  [`X-Djinn-CI-Signature: sha256=${'0a'.repeat(32)}`, 'X-Djinn-CI-Signature: sha256=…'],
  [`v1,${'Ab+/'.repeat(10)}xyz= v1,${'Cd0/'.repeat(10)}xyz=`, 'v1,… v1,…'],
  ['Failed: https://a.example/hook?key=s3cret&x=1.', 'Failed: https://a.example/hook?…'],
  ['http://user:pass@a.example:8080/p#frag "x"', 'http://…@a.example:8080/p?… "x"'],
  ['https://user@a.example/?k', 'https://…@a.example/?…'],
  ['"https://a.example/p?k=1" and https://b.example/', '"https://a.example/p?…" and https://b.example/'],
])('%s', (text, redacted) => {
  expect(redact(text)).toBe(redacted);
});

it.each(['{"password":hunter2}', 'hunter2 and more of it that is long', '"a\nhunter2" x "y" hunter2'])(
  'of what is no JSON nothing is quoted: %j',
  (text) => {
    try {
      JSON.parse(text);
      expect.unreachable();
    } catch (error) {
      expect(redact((error as Error).message)).not.toContain('hunter2');
    }
  },
);

it('leaves other words alone', () => {
  const text = 'The deliveries queue https://sqs.us-east-1.amazonaws.com/1/deliveries did not answer within 5 s';
  expect(redact(text)).toBe(text);
});

it('takes a megabyte of URLs on end in its stride', () => {
  const text = 'http://'.repeat(150_000);
  expect(redact(`${text}?key=s3cret`)).toBe(`${text}?…`);
  expect(redact(text)).toBe(text);
});

/** The lines that the log prints meanwhile. */
function printed(run: () => void): string {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0),
  );
  run();
  for (const spy of spies) spy.mockRestore();
  return lines.join('');
}

it('a line has of an error its name, message and stack, and those of its causes, and nothing that it carries', () => {
  const cause = Object.assign(new TypeError('Invalid URL'), { input: 'https://a.example/?key=hunter2' });
  const error = Object.assign(new Error(`No answer to ${TOKEN}`, { cause }), { Item: { secret: { S: 'hunter2' } } });
  const text = printed(() => log.error('It failed', { error, deliveryId: '7', url: 'https://a.example/?key=hunter2' }));
  expect(text).not.toMatch(/hunter2|djinn_\w/);
  expect(JSON.parse(text)).toMatchObject({
    level: 'ERROR',
    service: 'djinn-webhooks',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    message: 'It failed',
    deliveryId: '7',
    url: 'https://a.example/?…',
    error: {
      name: 'Error',
      message: 'No answer to djinn_…',
      stack: expect.stringContaining('redact.test.ts'),
      cause: { name: 'TypeError', message: 'Invalid URL' },
    },
  });
});
