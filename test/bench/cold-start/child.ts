/**
 * What is run in a process of its own, as Lambda would: imports a bundle and hands its handler the first event. Plain JavaScript for `--eval`,
 * so that nothing but the bundle is loaded. It prints the ms of both, and of the processor.
 */
export const CHILD = `
const [path, event] = process.argv.slice(1);
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };
const begunMs = performance.now();
const { handler } = await import(path);
const importedMs = performance.now();
const answer = await handler(JSON.parse(event), context);
const endedMs = performance.now();
const { user, system } = process.cpuUsage();
const failed = (answer?.statusCode ?? 200) >= 300 || (answer?.batchItemFailures ?? []).length > 0;
console.log(JSON.stringify({ importMs: importedMs - begunMs, firstEventMs: endedMs - begunMs, failed, cpuMs: (user + system) / 1000 }));
process.exit();
`;

/** What a process found. */
export type Start = {
  readonly importMs: number;
  readonly firstEventMs: number;
  readonly failed: boolean;
  readonly cpuMs: number;
};
