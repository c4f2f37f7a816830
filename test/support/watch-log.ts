/** Before every file of tests: watches the operator's log, whatever the file is about, and holds it to what it must never have. */
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, expect } from 'vitest';

/** Shorter ones stand in other words by accident. */
const PAYLOAD_MIN_CHARACTERS = 20;
/** What is looked for is what was there first: some tests make many thousands. */
const WATCHED_MAX = 200;
const FORMS =
  /djinn_[\w-]{20}|whsec_\w|sha256=[0-9a-f]{64}|v1,[\w+/]{43}=|https?:\/\/[^\s"\\]*\?[^…]|https?:\/\/[^\s"\\/]*:[^\s"\\/]*@/;

/** Secrets that were sealed and payloads that were sent: anything that a test makes up. */
const watched = new Set<string>();
const leaks: string[] = [];

function watch(text: string): void {
  if (watched.size < WATCHED_MAX) watched.add(text);
}

/** Only what is no word: a secret that reads `second` stands in many a sentence. */
function watchSecret(text: string): void {
  if (text.length >= 6 && /[^a-z]/i.test(text)) watch(text);
}

function watchPayload(body: string | undefined): void {
  const payload = /"payload":(.*)\}\}$/s.exec(body ?? '')?.[1];
  if (payload !== undefined && payload.length >= PAYLOAD_MIN_CHARACTERS) watch(payload);
}

type Send = (command: unknown, ...rest: unknown[]) => unknown;

/** Looks at what a client is asked for, and lets it through. */
function lookAt(client: { prototype: unknown }, look: (command: unknown) => void): void {
  const prototype = client.prototype as { send: Send };
  const { send } = prototype;
  prototype.send = function (this: unknown, command, ...rest) {
    look(command);
    return send.call(this, command, ...rest);
  };
}

lookAt(KMSClient, (command) => {
  if (command instanceof EncryptCommand) watchSecret(Buffer.from(command.input.Plaintext ?? '').toString('utf8'));
});
lookAt(SQSClient, (command) => {
  if (command instanceof SendMessageBatchCommand) {
    for (const { MessageBody } of command.input.Entries ?? []) watchPayload(MessageBody);
  }
});

/** Takes the lines of the log out of what is printed: tests make our functions fail on purpose, and that is no news. */
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) => {
    if (typeof chunk !== 'string' || !chunk.includes('"service":"djinn-webhooks"')) return write(chunk, ...rest);
    const found =
      FORMS.exec(chunk)?.[0] ?? [...watched].find((text) => chunk.includes(JSON.stringify(text).slice(1, -1)));
    if (found !== undefined) leaks.push(`${found} in ${chunk}`);
    return true;
  };
}

afterAll(() => {
  expect(leaks, 'what the log must never have').toEqual([]);
});
