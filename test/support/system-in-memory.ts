/** What `npm start` runs, but for the disk: the engines keep everything in memory. For measuring. */
import { makeDataDir, writeRunFile } from '../../infra/local/data-dir.ts';
import { startEngines } from '../../infra/local/engines.ts';
import { lockFolder } from '../../infra/local/lock.ts';
import { inboxSecret, seed } from '../../infra/local/seed.ts';
import { startSystem } from '../../infra/local/system.ts';

const folder = process.env['DATA_DIR'] ?? '';
const port = Number(process.env['PORT']);
makeDataDir(folder);
process.once('exit', lockFolder(folder));
const secret = inboxSecret(folder);
const engines = await startEngines();
await seed(engines, { folder, secret, inboxUrl: `http://localhost:${port}/inbox` });
const { url } = await startSystem(engines, { port, inboxSecret: secret });
const { endpoints, settings, queueUrls } = engines;
writeRunFile(folder, { pid: process.pid, url, endpoints, settings, queueUrls });
