import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { type Network, REGISTRY, type Registry } from '../../functions/domain/address-registry.ts';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { misjudged, NEVER_ALLOWED_EDGES, VECTORS } from '../support/ssrf-vectors.ts';

/** A registry with one fault in it. */
type Mutant = { readonly fault: string; readonly registry: Registry };

type Networks = 'unicast' | 'notPublic' | 'neverAllowed';

/** A network cut in two halves. */
function halves(network: Network): readonly Network[] {
  const [prefix = '', length = ''] = network.split('/');
  const bits = isIP(prefix) === 4 ? 32 : 128;
  if (Number(length) === bits) return [];
  const first = toNumber(prefix);
  const second = first + (1n << BigInt(bits - Number(length) - 1));
  return [first, second].map((start) => `${toAddress(start, bits)}/${Number(length) + 1}`);
}

/** The network that a network is one half of. */
function doubled(network: Network): readonly Network[] {
  const [prefix = '', length = ''] = network.split('/');
  return length === '0' ? [] : [`${prefix}/${Number(length) - 1}`];
}

function toNumber(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const [before = '', after = ''] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function toAddress(value: bigint, bits: number): string {
  const [step, radix, separator] = bits === 32 ? ([8n, 10, '.'] as const) : ([16n, 16, ':'] as const);
  const count = BigInt(bits) / step;
  return Array.from({ length: Number(count) }, (_, index) =>
    ((value >> (step * (count - 1n - BigInt(index)))) & ((1n << step) - 1n)).toString(radix),
  ).join(separator);
}

function mutantsOf(list: Networks): Mutant[] {
  return REGISTRY[list].flatMap((network) =>
    [[], ...[...halves(network), ...doubled(network)].map((other) => [other])].map((instead) => ({
      fault: `${list}: ${network} is ${instead[0] ?? 'missing'}`,
      registry: { ...REGISTRY, [list]: REGISTRY[list].flatMap((one) => (one === network ? instead : [one])) },
    })),
  );
}

function namesMissing(): Mutant[] {
  return REGISTRY.neverPublicNames.map((name) => ({
    fault: `neverPublicNames: ${name} is missing`,
    registry: { ...REGISTRY, neverPublicNames: REGISTRY.neverPublicNames.filter((one) => one !== name) },
  }));
}

function isCaught({ registry }: Mutant): boolean {
  const policy = destinationPolicy({ registry });
  if (VECTORS.some((vector) => misjudged(vector, policy) !== undefined)) return true;
  const everything = destinationPolicy({ registry, allowedNetworks: ['0.0.0.0/0', '::/0'] });
  return NEVER_ALLOWED_EDGES.some(
    ({ closed, open }) => closed.some(everything.admitsAddress) || !open.every(everything.admitsAddress),
  );
}

/** Wider networks that change no verdict. */
const NO_FAULTS = [
  // What they add is denied by another row.
  'notPublic: 240.0.0.0/4 is 240.0.0.0/3',
  'notPublic: 224.0.0.0/4 is 224.0.0.0/3',
  // What they add is public, and so open to everybody.
  'neverAllowed: 0.0.0.0/8 is 0.0.0.0/7',
  'neverAllowed: 127.0.0.0/8 is 127.0.0.0/7',
  'neverAllowed: 169.254.0.0/16 is 169.254.0.0/15',
  'neverAllowed: 168.63.129.16/32 is 168.63.129.16/31',
  'neverAllowed: 2002::/16 is 2002::/15',
];

test('the registry as it is passes', () => {
  expect(isCaught({ fault: 'none', registry: REGISTRY })).toBe(false);
});

test('a range that is missing, halved or doubled is caught, and so is a name that is missing', () => {
  const mutants = [...mutantsOf('unicast'), ...mutantsOf('notPublic'), ...mutantsOf('neverAllowed'), ...namesMissing()];
  expect(mutants.length).toBeGreaterThan(150);
  const survivors = mutants.filter((mutant) => !isCaught(mutant)).map(({ fault }) => fault);
  expect(survivors).toEqual(NO_FAULTS);
});
