import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { dialTcp } from '../../functions/transport/connector.ts';
import { poster } from '../../functions/transport/post.ts';
import { resolveByDns } from '../../functions/transport/resolve-by-dns.ts';

/** What the process is given on standard input. */
export type PostChildInput = { readonly urls: readonly string[]; readonly deadlineMs: number };

/** What it writes: what each POST came to, and the process's memory (RSS, bytes) before them and at most. */
export type PostChildOutput = {
  readonly outcomes: readonly string[];
  readonly idleBytes: number;
  readonly peakBytes: number;
};

const SAMPLED_EVERY_MS = 10;

const { urls, deadlineMs } = JSON.parse(await text(process.stdin)) as PostChildInput;
const policy = destinationPolicy({ admitted: ['127.0.0.0/8'] });
const post = poster({ ...policy, resolve: resolveByDns, dial: dialTcp }, { deadlineMs });
const body = Buffer.from('{"id":1}');

globalThis.gc?.();
await sleep(SAMPLED_EVERY_MS);
const idleBytes = process.memoryUsage.rss();
let peakBytes = idleBytes;
const sample = () => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
};
const timer = setInterval(sample, SAMPLED_EVERY_MS);
const outcomes = await Promise.all(
  urls.map(async (url) => {
    const { response, error } = await post({ url, headers: [], body, verifyCertificate: true });
    sample();
    return response ? response.status.toString() : (error?.class ?? 'nothing');
  }),
);
clearInterval(timer);
const output: PostChildOutput = { outcomes, idleBytes, peakBytes };
process.stdout.write(JSON.stringify(output));
