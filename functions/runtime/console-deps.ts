import { attemptStore } from '../store/attempts.ts';
import { collaboratorStore } from '../store/collaborators.ts';
import { eventStore } from '../store/events.ts';
import { namespaceStore } from '../store/namespaces.ts';
import { sessionStore } from '../store/sessions.ts';
import type { ConsoleDeps } from '../web/console/app.ts';
import type { EnvOf } from './env.ts';
import { sharedWebDeps } from './web-deps.ts';
import { type QuietWorld, tableOf } from './world.ts';

/** What the web console is made of: all that the API is, for it does the same, and the sessions of browsers. */
export function consoleDeps(env: EnvOf<'console'>, world: QuietWorld): ConsoleDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    ...sharedWebDeps(env, world),
    namespaces: namespaceStore(table),
    collaborators: collaboratorStore(table),
    attempts: attemptStore(table),
    events: eventStore(table),
    sessions: sessionStore(table),
    randomBytes: world.randomBytes,
    allowInsecureTls: env.ALLOW_INSECURE_TLS === 'true',
  };
}
