/**
 * The deployed test: the stack is deployed as an operator deploys it, to an emulator of AWS, and must do its job there, through its own bus,
 * queues, functions, schedules and API. What is proven by it, and what is not: docs/operations.md.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, lookAtLogs } from './accounts.ts';
import { deliverAll, lookAtConsole, NAMESPACE } from './arrivals.ts';
import { client } from './client.ts';
import { buryPoison, loseNothingUnreadable } from './dead-letters.ts';
import { deploy, synthesise } from './deploy.ts';
import { clients, type Deployed, operator, producer } from './deployed.ts';
import { type Emulator, installEmulator, startEmulator } from './emulator.ts';
import { fixUp } from './fix-ups.ts';
import { functionLogs, isOfTheService } from './function-logs.ts';
import { findPlace, type Place } from './place.ts';
import { progress } from './progress.ts';
import { queueDepths } from './queue-depths.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { deleteNamespace, failAndRetry, redeliver } from './trouble.ts';

const LOG_LINES_SHOWN = 60;
const { step, say } = progress();

/** Deploys, and finds everyone whom the stack has to do with. */
async function makeDeployed(
  emulator: Emulator,
  of: { readonly place: Place; readonly receiver: Receiver; readonly folder: string },
) {
  const { place, receiver, folder } = of;
  const assembly = await step('Synthesising the stack: npm run synth', () => synthesise(folder, place.network));
  const outputs = await step('Deploying it: cdk bootstrap, npm run deploy', () => deploy(emulator, assembly));
  say(`${Object.keys(assembly.template.Resources).length} resources, by the template as it is`);
  const fixed = await step('Putting right what the emulator drops', () => fixUp(emulator.url, assembly.template));
  for (const one of fixed) say(one);
  const { ctl, type } = operator(emulator);
  const token = await step(`Making a token: ${outputs.FirstTokenCommand}`, async () => {
    const [found] = /djinn_[\w-]+/.exec(await type(outputs.FirstTokenCommand)) ?? [];
    assert.ok(found, 'The command printed no token');
    return found;
  });
  const aws = clients(emulator.url);
  const user = client({ apiUrl: outputs.ApiUrl, token });
  const deployed: Deployed = {
    step,
    say,
    outputs,
    receiver,
    operator: { ctl, type },
    user,
    aws,
    producer: producer(aws, outputs),
  };
  return { deployed, token };
}

async function proveAll(deployed: Deployed, token: string): Promise<void> {
  const {
    operator: { ctl },
  } = deployed;
  const namespaceId = await step(`Making the namespace ${NAMESPACE} known: ctl namespace add`, async () => {
    return (await ctl<{ readonly id: number }>('namespace', 'add', NAMESPACE)).id;
  });
  const webhook = await deliverAll(deployed, namespaceId);
  await lookAtConsole(deployed, { webhook, token });
  await redeliver(deployed, { namespaceId, webhook });
  await loseNothingUnreadable(deployed);
  await buryPoison(deployed, { namespaceId, webhook });
  const begun = [await failAndRetry(deployed, namespaceId), await deleteNamespace(deployed)];
  for (const { end } of begun) await end();
  await audit(deployed);
}

/** What the functions said last and, where they said nothing, what the emulator says of them. */
async function showLogs({ url, log }: Emulator): Promise<void> {
  const functions = await functionLogs(url).then(
    (all) => all.filter((line) => !isOfTheService(line)).map(({ logGroup, text }) => `${logGroup}: ${text}`),
    (error: unknown) => [`Their logs cannot be read: ${String(error)}`],
  );
  console.error(['The functions said last:', ...functions.slice(-LOG_LINES_SHOWN)].join('\n'));
  const lines = log()
    .split('\n')
    .filter((line) => / (WARNING|ERROR) /.test(line));
  console.error(['The emulator warned last:', ...lines.slice(-LOG_LINES_SHOWN)].join('\n'));
  console.error(['In the queues:', ...(await queueDepths(clients(url).sqs))].join('\n'));
}

// What is taken down when the process exits is taken down when it is interrupted, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const folder = mkdtempSync(join(tmpdir(), 'deployed-test-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const ends: (() => unknown)[] = [];
let emulator: Emulator | undefined;
try {
  const place = await step('Finding a place for the receiver', async () => findPlace());
  ends.push(place.leave);
  say(place.description);
  const receiver = await startReceiver(place);
  ends.push(receiver.stop);
  const python = await step('Installing the emulator, ministack', installEmulator);
  emulator = await step('Starting it', () => startEmulator(python, folder));
  ends.push(emulator.stop);
  const { deployed, token } = await makeDeployed(emulator, { place, receiver, folder });
  await proveAll(deployed, token);
  await lookAtLogs(deployed, emulator.url);
  console.log('The stack deploys, and does its job.');
} catch (error) {
  if (emulator !== undefined) await showLogs(emulator);
  console.error('\nThe deployed test failed.', (error as Error).cause);
  console.error(`\n${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  for (const end of ends.reverse()) await end();
}
