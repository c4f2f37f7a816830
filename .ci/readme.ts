/**
 * Does what the README's "Try it" says, word for word, on port 8080 and in `.local`, and looks at what came of it; then runs
 * the examples of docs/api.md, each of which must be answered with success.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const INBOX = 'http://localhost:8080/inbox.json';
const PATIENCE_MS = 30_000;

const section = readFileSync('README.md', 'utf8').split('## Try it')[1]?.split('\n## ')[0] ?? '';
const [install = '', ...steps] = commandsOf(section);
const api = readFileSync('docs/api.md', 'utf8');
/** Of a refused request curl itself thinks that all is well. */
const STRICT_CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }';

function commandsOf(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, commands = '']) => commands);
}

/** Runs blocks of commands in one shell, as a newcomer's terminal is: what one exports the next one uses. */
function run(blocks: readonly string[]): string {
  const output = execFileSync('bash', ['-euc', [STRICT_CURL, ...blocks].join('\n')], { encoding: 'utf8' });
  console.log(output);
  return output;
}

function check(holds: boolean, what: string): void {
  console.log(`${holds ? 'ok    ' : 'NOT OK'} ${what}`);
  if (!holds) process.exitCode = 1;
}

async function started(system: ChildProcess): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let output = '';
  system.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  while (!output.includes('Ctrl-C stops it') && Date.now() < deadline) await sleep(100);
  check(output.includes('Ctrl-C stops it'), 'npm start says that it is up');
  check(output.includes(readFileSync('.local/token', 'utf8').trim()), 'the first start prints the token');
}

if (existsSync('.local')) throw new Error('.local exists: this wants a clean clone');
check(install === 'npm ci\nnpm start\n', 'the README begins with two commands: npm ci, which has run, and npm start');
const system = spawn('npm', ['start'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
try {
  await started(system);
  const output = run(steps);
  check(steps.length === 3, 'the README has three steps more');
  check(
    /"status":"succeeded".*"attempts_made":2/.test(output),
    'the log shows the delivery that succeeded at its second attempt',
  );
  const arrivals = (await (await fetch(INBOX)).json()) as { signature: string; status: number }[];
  check(
    arrivals.every(({ signature }) => signature === 'valid'),
    'every signature is valid',
  );
  check(arrivals.length === 4, 'four requests arrived: one, and of the cron event one, a failed one and its retry');
  const answers = run([/^export API=.*$/m.exec(api)?.[0] ?? '', ...commandsOf(api)]);
  check(/"verdict":"succeeded"/.test(answers), 'the examples of docs/api.md are answered');
} finally {
  // As Ctrl-C does: to npm and to what it started.
  if (system.pid !== undefined) process.kill(-system.pid, 'SIGINT');
  const [code] = (await once(system, 'exit')) as [number | null];
  check(code === 0 || code === 130 || code === null, 'Ctrl-C stops it');
}
