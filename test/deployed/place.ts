import { execFileSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';

/** Where the receiver is. The product sends to no loopback address, whatever it is configured to. */
export type Place = {
  readonly address: string;
  /** What of the network the deployment must admit. */
  readonly network: string;
  /** In one sentence, for whoever reads along. */
  readonly description: string;
  /** The program that starts another one there, and its parameters before those of the other. */
  readonly prefix: readonly string[];
  readonly leave: () => void;
};

/** A network namespace of its own where this process may make one, else this machine's own address. Throws where it has none. */
export function findPlace(): Place {
  const lacking = whatLacks();
  return lacking === undefined ? networkNamespace() : ownAddress(lacking);
}

function whatLacks(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'this process is not root';
  const name = nameOf('try');
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    return `"ip netns" does not work here (${(error as Error).message.trim()})`;
  }
}

function networkNamespace(): Place {
  const name = nameOf('');
  const [outside, inside] = [`${name}o`, `${name}i`];
  // Two tests at the same time have two networks.
  const [third, fourth] = [(process.pid >> 6) & 0xff, (process.pid & 0x3f) * 4];
  const base = `10.213.${third}`;
  const address = `${base}.${fourth + 2}`;
  const leave = () => {
    process.off('exit', leave);
    for (const words of [
      ['link', 'del', outside],
      ['netns', 'del', name],
    ])
      tryIp(words);
  };
  process.once('exit', leave);
  ip('netns', 'add', name);
  ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside);
  ip('link', 'set', inside, 'netns', name);
  ip('addr', 'add', `${base}.${fourth + 1}/30`, 'dev', outside);
  ip('link', 'set', outside, 'up');
  ip('-n', name, 'addr', 'add', `${address}/30`, 'dev', inside);
  ip('-n', name, 'link', 'set', inside, 'up');
  return {
    address,
    network: `${base}.${fourth}/30`,
    description: `The receiver is ${address}, in a network namespace of its own`,
    prefix: ['ip', 'netns', 'exec', name],
    leave,
  };
}

function ownAddress(lacking: string): Place {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = all.find(
    ({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'),
  );
  const why = `No network namespace, for ${lacking}`;
  if (own === undefined)
    throw new Error(`${why}; and this machine has no address but loopback, which is never sent to`);
  return {
    address: own.address,
    network: `${own.address}/32`,
    description: `${why}: the receiver is this machine's own ${own.address}, so nothing leaves it. All else is as it would be`,
    prefix: [],
    leave: () => undefined,
  };
}

/** Names of interfaces have 15 characters at most. */
function nameOf(suffix: string): string {
  return `djinn${process.pid}${suffix}`;
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Of what is taken down some may never have been put up. */
function tryIp(words: readonly string[]): void {
  try {
    ip(...words);
  } catch {
    // It is not there.
  }
}
