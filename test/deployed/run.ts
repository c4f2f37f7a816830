import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type Env = Readonly<Record<string, string>>;

const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/** Runs a program; answers its standard output. Throws, with all that it said, where it fails. */
export async function run(program: string, parameters: readonly string[], env?: Env): Promise<string> {
  const options = { maxBuffer: OUTPUT_MAX_BYTES, ...(env && { env }) };
  try {
    return (await promisify(execFile)(program, parameters, options)).stdout;
  } catch (cause) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = cause as Error & { readonly stdout?: string; readonly stderr?: string };
    const said = `${stdout}${stderr}`.trim();
    throw new Error(`${program} ${parameters.join(' ')}: ${said || message}`, { cause });
  }
}
