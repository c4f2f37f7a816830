import { type AccountDeps, ensureNamespace } from '../../../functions/actions/accounts.ts';
import { pauseWebhook, resumeWebhook } from '../../../functions/actions/pause.ts';
import { ping } from '../../../functions/actions/ping.ts';
import { startRecovery } from '../../../functions/actions/recoveries.ts';
import { cancelRetries, redeliver } from '../../../functions/actions/redeliver.ts';
import { type RemoveDeps, removeNamespace } from '../../../functions/actions/remove-namespace.ts';
import { changeWebhook, createWebhook, deleteWebhook } from '../../../functions/actions/webhooks.ts';
import { RefusalError, ValidationError } from '../../../functions/domain/errors.ts';
import type { Namespace } from '../../../functions/domain/namespace.ts';
import { SCOPES } from '../../../functions/domain/token.ts';
import type { WebDeps } from '../../../functions/web/app.ts';
import type { Scheduler } from './scheduler.ts';

/** What was asked for and promised, for whoever judges the run. */
type Promises = {
  readonly pings: { readonly webhookId: number; readonly deliveryId: string }[];
  /** The deliveries whose cancelling was asked for, whatever was answered. */
  readonly cancellations: string[];
  readonly redeliveries: { readonly webhookId: number; readonly deliveryId: string; readonly lastNumber: number }[];
};

/** A webhook that the users know of. */
export type KnownWebhook = { readonly id: number; readonly namespace: Namespace };

export type Requests = ReturnType<typeof requests>;

type Body = Readonly<Record<string, unknown>>;

/** What users and operators ask of the system: the actions behind the API and the command line, each as a task of its own. */
export function requests(deps: {
  readonly scheduler: Scheduler;
  /** Each request has a process of its own, that it may be killed with: nobody shares what it holds in memory. */
  readonly api: () => WebDeps;
  readonly accounts: AccountDeps & RemoveDeps;
}) {
  const { scheduler, api, accounts } = deps;
  const promises: Promises = { pings: [], cancellations: [], redeliveries: [] };
  const webhooks: KnownWebhook[] = [];

  /** Makes a request; a refusal is an answer like any other, and so is a failure of ours. */
  const make = async <T>(what: string, body: () => Promise<T>, onAnswer: (answer: T) => void = () => undefined) => {
    scheduler.note(`a user asks: ${what}`);
    await scheduler.spawn('request', body, (ended) => {
      if ('value' in ended) {
        scheduler.note(`answered: ${what}`);
        return onAnswer(ended.value);
      }
      const { error } = ended;
      const isRefusal = error instanceof RefusalError || error instanceof ValidationError;
      scheduler.note(`${isRefusal ? 'refused' : '500'}: ${what}: ${error instanceof Error ? error.name : error}`);
    });
  };

  return {
    promises,
    webhooks: webhooks as readonly KnownWebhook[],

    ensureNamespace: (path: string, onAnswer: (namespace: Namespace) => void) =>
      make(`namespace ${path}`, () => ensureNamespace(accounts, { username: 'admin', path }), onAnswer),

    removeNamespace: (namespace: Namespace) =>
      make(`remove namespace ${namespace.path}`, () => removeNamespace(accounts, namespace)),

    create: (namespace: Namespace, body: Body) =>
      make(
        `create a webhook of ${namespace.path} ${JSON.stringify(body)}`,
        () => createWebhook(api(), { caller: { user: namespace.owner, scopes: SCOPES }, namespace }, body),
        ({ webhook: { id } }) => void webhooks.push({ id, namespace }),
      ),

    change: ({ id, namespace }: KnownWebhook, body: Body) =>
      make(`change webhook ${id} ${JSON.stringify(body)}`, () => changeWebhook(api(), { namespace, id }, body)),

    pause: ({ id, namespace }: KnownWebhook, until: string) =>
      make(`pause webhook ${id} until ${until}`, () => pauseWebhook(api(), { namespace, id }, { until })),

    resume: ({ id, namespace }: KnownWebhook) =>
      make(`resume webhook ${id}`, () => resumeWebhook(api(), { namespace, id })),

    remove: ({ id, namespace }: KnownWebhook) =>
      make(`delete webhook ${id}`, () => deleteWebhook(api(), { namespace, id })),

    ping: ({ id, namespace }: KnownWebhook) =>
      make(
        `ping webhook ${id}`,
        () => ping(api(), { namespace, webhookId: id }, 'build.finished'),
        (deliveryId) => void promises.pings.push({ webhookId: id, deliveryId }),
      ),

    redeliver: ({ id, namespace }: KnownWebhook, of: { readonly deliveryId: string; readonly lastNumber: number }) =>
      make(
        `redeliver ${of.deliveryId} of webhook ${id} after attempt ${of.lastNumber}`,
        () => redeliver(api(), { namespace, webhookId: id, deliveryId: of.deliveryId }),
        () => void promises.redeliveries.push({ webhookId: id, ...of }),
      ),

    cancel: ({ id, namespace }: KnownWebhook, deliveryId: string) => {
      promises.cancellations.push(deliveryId);
      const cancel = () => cancelRetries(api(), { namespace, webhookId: id, deliveryId });
      return make(`cancel ${deliveryId} of webhook ${id}`, cancel);
    },

    recover: ({ id, namespace }: KnownWebhook, body: Body) =>
      make(`recover webhook ${id} ${JSON.stringify(body)}`, () =>
        startRecovery(api(), { namespace, webhookId: id }, body),
      ),
  };
}
