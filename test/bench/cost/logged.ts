/** What CloudWatch bills of a line beside its own bytes. */
const LINE_OVERHEAD_BYTES = 26;

/** Runs work, and answers the bytes of the log's lines that it wrote, as CloudWatch counts them. They are not printed. */
export async function loggedBytes<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly bytes: number }> {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  let bytes = 0;
  const count = (chunk: unknown) => {
    const lines = String(chunk)
      .split('\n')
      .filter((line) => line !== '');
    for (const line of lines) bytes += Buffer.byteLength(line) + LINE_OVERHEAD_BYTES;
    return true;
  };
  for (const stream of streams) stream.write = count;
  try {
    return { result: await work(), bytes };
  } finally {
    streams.forEach((stream, index) => {
      const write = writes[index];
      if (write) stream.write = write;
    });
  }
}
