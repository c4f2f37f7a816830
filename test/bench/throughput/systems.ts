import type { Program } from '../../support/whole-system.ts';
import type { Results } from '../bench.ts';

/** Deliveries a second. */
export const DISK_GOAL = 1_000;
export const MEMORY_GOAL = 1_500;

/** A whole system, and what it is given to do. */
export type Kind = {
  readonly name: string;
  readonly program?: Program;
  readonly namespaces: number;
  /** Events in an entry of the bus. */
  readonly perEntry: number;
  readonly goal?: number;
  /** Its name in `results.json`. */
  readonly result?: keyof Results;
};

const IN_MEMORY: Program = 'test/support/system-in-memory.ts';
/** What is measured. */
export const SYSTEMS: readonly Kind[] = [
  {
    name: 'the whole system on disk, one namespace',
    namespaces: 1,
    perEntry: 1,
    goal: DISK_GOAL,
    result: 'deliveriesPerSecond',
  },
  {
    name: 'the whole system on disk, ten events in an entry of the bus',
    namespaces: 1,
    perEntry: 10,
    goal: DISK_GOAL,
    result: 'deliveriesPerSecondTogether',
  },
  { name: 'the whole system on disk, each event of another namespace', namespaces: 10, perEntry: 1 },
  {
    name: 'the whole system in memory, one namespace',
    program: IN_MEMORY,
    namespaces: 1,
    perEntry: 1,
    goal: MEMORY_GOAL,
    result: 'deliveriesPerSecondInMemory',
  },
  {
    name: 'the whole system in memory, ten events in an entry of the bus',
    program: IN_MEMORY,
    namespaces: 1,
    perEntry: 10,
    goal: MEMORY_GOAL,
    result: 'deliveriesPerSecondTogetherInMemory',
  },
];
