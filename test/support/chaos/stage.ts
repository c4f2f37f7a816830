import type { Namespace } from '../../../functions/domain/namespace.ts';
import { apiDeps } from '../../../functions/runtime/web-deps.ts';
import type { World } from '../../../functions/runtime/world.ts';
// What functions import while they run, loaded before they do: to read a file is no call, and the scheduler knows of none but calls.
import '../../../functions/transport/sdk-eventbridge.ts';
import '../../../functions/transport/sdk-kms.ts';
import '../../../functions/transport/sdk-sqs.ts';
import { accountDeps } from '../../../infra/accounts.ts';
import type { Settings } from '../../../infra/local/engines.ts';
import { type Chance, chance as chanceOf } from './chance.ts';
import { type Carrier, chaosClients } from './clients.ts';
import { type Outage, operations } from './operations.ts';
import { drawProfile, type Profile } from './profile.ts';
import { memoryQueues } from './queues.ts';
import { receivers } from './receivers.ts';
import { requests } from './requests.ts';
import { type Call, type Scheduler, scheduler as schedulerOf } from './scheduler.ts';
import { system } from './system.ts';
import { type MemoryTable, memoryTable } from './table.ts';

/** A DynamoDB on the wire that answers beside the one in this process: where it is, its table, and who compares them. */
export type Comparison = {
  readonly endpoint: string;
  readonly tableName: string;
  readonly carrier: (table: MemoryTable) => Carrier;
};

const START_MS = Date.parse('2026-11-23T12:00:00Z');
const NO_TROUBLE = {
  kills: 0,
  errors: 0,
  answersLost: 0,
  twice: 0,
  partial: 0,
  stale: 0,
  messagesTwice: 0,
  deletionsLost: 0,
  jumps: false,
};

export type Stage = ReturnType<typeof setTheStage>;

/** Puts a run together: the product's functions over a world whose chance, time and services are the run's own. */
export function setTheStage(seed: number, comparison: Comparison | undefined) {
  const chance = chanceOf(seed);
  const drawn = drawProfile(chance);
  // What is seen of an engine on the wire is never stale, and its batches are never taken in part.
  const profile = comparison ? { ...drawn, stale: 0, partial: 0 } : drawn;
  const calm: Profile = { ...profile, ...NO_TROUBLE };
  let current = calm;
  let skewMs = 0;
  let hasJumpedBack = false;
  const outages: Outage[] = [];
  const scheduler = schedulerOf({ chance, startMs: START_MS });
  const nowMs = () => scheduler.nowMs() + skewMs;
  const queues = memoryQueues({ nowMs: scheduler.nowMs });
  const table = memoryTable({
    nowMs: scheduler.nowMs,
    isStale: () => current.stale > 0 && chance.happens(current.stale),
  });
  const dynamodb: Carrier = comparison?.carrier(table) ?? table.carryOut;
  const clients = chaosClients(
    {
      scheduler,
      chance,
      queues,
      dynamodb,
    },
    comparison?.endpoint,
  );
  const world = chaosWorld({ clients, chance, scheduler, nowMs });
  const settings = settingsOf(comparison?.tableName ?? 'chaos');
  const theReceivers = receivers({ chance, scheduler });
  const { post } = theReceivers;
  const functions = system({ chance, scheduler, queues, world, settings, post, profile: () => current });
  const theRequests = requests({
    scheduler,
    api: () => apiDeps(settings, world),
    accounts: { ...accountDeps(world, settings.TABLE_NAME), randomId: chance.uuid },
  });
  const namespaces: Namespace[] = [];
  const parts = { table, queues, receivers: theReceivers, requests: theRequests, scheduler };
  return {
    chance,
    scheduler,
    profile,
    functions,
    namespaces,
    parts,
    current: () => current,
    isCompared: comparison !== undefined,
    beginTrouble: () => {
      current = profile;
    },
    outageOf: (kind: Call['kind']) =>
      outages.find(({ service, untilMs }) => service === kind && scheduler.nowMs() < untilMs)?.kind,
    endTrouble: () => {
      // Outages end when they do: what comes of them comes late.

      current = calm;
    },
    hasJumpedBack: () => hasJumpedBack,
    operations: operations({
      ...parts,
      chance,
      namespaces,
      nowMs,
      jump: (ms) => {
        scheduler.note(`the clock of the functions jumps by ${ms} ms`);
        skewMs += ms;
        hasJumpedBack ||= ms < 0;
      },
      begin: (outage) => outages.push(outage),
    }),
  };
}

function chaosWorld(of: {
  readonly clients: ReturnType<typeof chaosClients>;
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  readonly nowMs: () => number;
}): World {
  const never = () => {
    throw new Error('The functions open no sockets here');
  };
  return {
    ...of.clients,
    now: of.nowMs,
    random: of.chance.next,
    randomId: of.chance.uuid,
    randomBytes: never,
    sleep: of.scheduler.sleep,
    resolve: never,
    dial: never,
    admittedNetworks: [],
  };
}

function settingsOf(TABLE_NAME: string): Settings {
  return {
    TABLE_NAME,
    DELIVERIES_QUEUE_URL: 'deliveries',
    EVENTS_DEAD_LETTER_QUEUE_URL: 'events-dead-letter',
    EVENT_BUS_NAME: 'chaos',
    KMS_KEY_ID: 'alias/chaos',
    ALLOWED_NETWORKS: '',
    ALLOW_INSECURE_TLS: 'false',
    PUBLIC_URL: '',
  };
}
