import { text } from 'node:stream/consumers';
import { deliverHandler } from '../../functions/deliver.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { type Endpoints, localWorld, type Settings } from '../../infra/local/engines.ts';

/** What the process is given on standard input: the messages to deliver, and where the engines are. */
export type DeliverChildInput = {
  readonly endpoints: Endpoints;
  readonly settings: Settings;
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
};

const { endpoints, settings, Records } = JSON.parse(await text(process.stdin)) as DeliverChildInput;
await deliverHandler(deliverDeps(settings, localWorld(endpoints)))({ Records });
