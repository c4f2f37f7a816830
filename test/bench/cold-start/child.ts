/**
 * What is run in a process of its own, as Lambda would: imports a bundle and hands its handler the first event. Plain JavaScript for `--eval`,
 * so that nothing but the bundle is loaded. It prints the ms of both, and the processor's ms of the event.
 */
export const CHILD = `
const [path, event] = process.argv.slice(1);
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };
const begunMs = performance.now();
const { handler } = await import(path);
const importedMs = performance.now();
const before = process.cpuUsage();
const answer = await handler(JSON.parse(event), context);
const endedMs = performance.now();
const { user, system } = process.cpuUsage(before);
const failed = (answer?.statusCode ?? 200) >= 300 || (answer?.batchItemFailures ?? []).length > 0;
console.log(JSON.stringify({ importMs: importedMs - begunMs, eventMs: endedMs - importedMs, failed, eventCpuMs: (user + system) / 1000 }));
process.exit();
`;

/** What a process found. */
export type Start = {
  readonly importMs: number;
  readonly eventMs: number;
  /** Of all threads of the process. */
  readonly eventCpuMs: number;
  readonly failed: boolean;
};

/** Megabytes that come with one whole processor (docs.aws.amazon.com/lambda, "Configure memory"). */
const MB_OF_A_PROCESSOR = 1_769;

/** How long both take where nothing else runs. */
export function onWholeProcessor({ importMs, eventMs }: Start): number {
  return importMs + eventMs;
}

/**
 * How long the event takes on Lambda: it has a whole processor to import, whatever the memory, and for events as much of one as comes
 * with the memory (serverlessland.com, "Utilize initialization phase").
 */
export function eventOnLambda({ eventMs, eventCpuMs }: Start, memoryMb: number): number {
  return eventMs + eventCpuMs * (MB_OF_A_PROCESSOR / memoryMb - 1);
}
