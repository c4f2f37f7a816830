import { addressing } from '../../functions/web/base-url.ts';
import { untilSignal } from '../signals.ts';
import { dataDir, makeDataDir, removeRunFile, writeRunFile } from './data-dir.ts';
import { startEngines } from './engines.ts';
import { lockFolder } from './lock.ts';
import { logNotice } from './notice-log.ts';
import { inboxSecret, seed } from './seed.ts';
import { checkPort } from './serve.ts';
import { StartError } from './start-error.ts';
import { startSystem } from './system.ts';
import { welcome } from './welcome.ts';

const PORT_DEFAULT = 8080;

/** `npm start`: the whole system on this machine, until Ctrl-C. */
async function main(): Promise<void> {
  const folder = dataDir();
  const port = readPort(process.env['PORT']);
  const publicUrl = readPublicUrl(process.env['PUBLIC_URL']);
  makeDataDir(folder);
  const unlock = lockFolder(folder);
  // Whoever finds the folder locked believes it.
  removeRunFile(folder);
  await checkPort(port);
  const secret = inboxSecret(folder);
  const engines = await startEngines({
    dataDir: folder,
    dynamodbEndpoint: process.env['AWS_ENDPOINT_URL_DYNAMODB'] || undefined,
    publicUrl,
    onLost: () =>
      end('The database has ended, and nothing can go on without it: start again, which resumes all that was accepted'),
    onNotice: logNotice,
  });
  const stopEngines = () => engines.stop().finally(unlock);
  try {
    const token = await seed(engines, { folder, secret, inboxUrl: `http://localhost:${port}/inbox` });
    const system = await startSystem(engines, { port, inboxSecret: secret });
    writeRunFile(folder, {
      pid: process.pid,
      url: system.url,
      endpoints: engines.endpoints,
      settings: engines.settings,
      queueUrls: engines.queueUrls,
    });
    // Listened for before anybody is told how to send it.
    const signal = untilSignal('SIGINT', 'SIGTERM');
    console.log(welcome({ url: system.url, folder, newToken: token }));
    await signal;
    console.log(
      'Stopping: attempts that are under way may take up to 15 s. Ctrl-C again stops at once; nothing is lost.',
    );
    await system.stop();
  } finally {
    await stopEngines();
  }
}

/** Not by the exit code alone: an engine that has started would keep the process alive. */
function end(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

function readPort(text: string | undefined): number {
  const port = Number(text || PORT_DEFAULT);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new StartError(`PORT must be a number from 1 to 65535, not ${JSON.stringify(text)}`);
}

function readPublicUrl(text = ''): string {
  try {
    addressing(text);
    return text;
  } catch (cause) {
    throw new StartError((cause as RangeError).message, { cause });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  end(error.message);
}
