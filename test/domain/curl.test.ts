import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { curlCommand, shellQuoted } from '../../functions/domain/curl.ts';
import { deliveryRequest } from '../../functions/domain/request.ts';

/** What a shell makes of a command's words: a function in place of `curl` prints them. */
function words(command: string): string[] {
  const script = `curl() { printf '%s\\000' "$@"; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const HOOK = "https://hooks.example/in?a[]=1&b={x}&c='$(id)`id`!!";
const request = (body: Buffer, url = HOOK) =>
  deliveryRequest({
    webhook: { id: 7, payloadUrl: url },
    eventType: 'cron',
    deliveryId: '019cd310-b459-7d02-b0fa-9bbc2a5a20c9',
    body,
    secrets: ['s3cret'],
    nowMs: Date.parse('2026-11-23T12:00:00Z'),
  });

describe('a word of a shell', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 100 }).map((text) => text.replaceAll('\0', ''));

  it('is given back by the shell as it was, whatever stands in it', () => {
    const hard = ["'", "''", "\\'", '"', '$HOME', '`id`', '$(id)', '\n', '\\\n', '*', '~', '!', '-n', '%s', 'é🎉', ''];
    const texts = fc.array(
      fc.oneof(
        anyText,
        fc.constantFrom(...hard),
        fc.constantFrom(...hard).map((one) => one.repeat(3)),
      ),
    );
    fc.assert(
      fc.property(texts, (all) => {
        expect(words(`curl ${all.map(shellQuoted).join(' ')}`)).toEqual(all.length === 0 ? [''] : all);
      }),
    );
  });
});

describe('a command', () => {
  it('has the URL, every header and the body, as they were sent', () => {
    const body = Buffer.from('{"it\'s": "$HOME `id` \\"é👩‍💻\\" \\\\n"}\n');
    const sent = request(body);
    const { command, bodyFile, notes } = curlCommand(sent, body);
    const said = words(command);
    expect(said.at(-1)).toBe(sent.url);
    expect(said.at(-2)).toBe(body.toString());
    expect(said.at(-3)).toBe('--data-binary');
    const headers = said.filter((_, index) => said[index - 1] === '--header');
    expect(headers).toEqual(sent.headers.map(([name, value]) => `${name}: ${value}`));
    expect(headers).toContain('X-Djinn-CI-Event: cron');
    expect(said.slice(0, 5)).toEqual(['--include', '--http1.1', '--globoff', '--max-time', '15']);
    expect(bodyFile).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/webhook-signature/)]);
    expect(command.startsWith('curl --include')).toBe(true);
  });

  it.each([
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['half a character', Buffer.from('é').subarray(0, 1)],
    ['a NUL', Buffer.from('{"a":"\0"}')],
    ['what a terminal obeys', Buffer.from('{"a":"\u001b[2J\u009b"}')],
    ['what a terminal changes', Buffer.from('{"a":\r\n1}')],
    ['what turns a terminal round', Buffer.from('{"a":"\u202e"}')],
    ['what cannot be seen', Buffer.from('{"a":"\u200b"}')],
    ['what curl takes for a file', Buffer.from('@/etc/passwd')],
    ['more than 16 KB', Buffer.from(`"${'x'.repeat(16 * 1024 - 1)}"`)],
  ])('takes a body of %s from a file', (_, body) => {
    const { command, bodyFile, notes } = curlCommand(request(body), body);
    expect(bodyFile).toBe('payload.json');
    expect(words(command).slice(-3, -1)).toEqual(['--data-binary', '@payload.json']);
    expect(notes[0]).toMatch(/^Save the payload as payload\.json first/);
    expect(command).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
  });

  it('has a body of 16 KB in itself, without asking the receiver first', () => {
    const body = Buffer.from(`"${'x'.repeat(16 * 1024 - 2)}"`);
    const said = words(curlCommand(request(body), body).command);
    expect(said.at(-2)).toBe(body.toString());
    expect(said).toContain('Expect:');
    const short = Buffer.from('{}');
    expect(words(curlCommand(request(short), short).command)).not.toContain('Expect:');
  });

  it('sends a header without a value, too, and no note of a time that was not sent', () => {
    const { command, notes } = curlCommand(
      { url: 'http://hooks.example/', headers: [['X-Empty', '']] },
      Buffer.from('{}'),
    );
    expect(words(command)).toContain('X-Empty;');
    expect(notes).toEqual([]);
  });
});

test('whatever the body is, it stands in the command as it is, or comes from the file', () => {
  const anyBody = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json({ stringUnit: 'binary' }).map((json) => Buffer.from(json)),
  );
  fc.assert(
    fc.property(anyBody, (body) => {
      const { command, bodyFile } = curlCommand(request(body), body);
      const given = words(command).at(-2) ?? '';
      if (bodyFile === undefined) expect(Buffer.from(given).equals(body)).toBe(true);
      else expect(given).toBe('@payload.json');
    }),
  );
});
