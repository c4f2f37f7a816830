import { sessionStore } from '../store/sessions.ts';
import type { ConsoleDeps } from '../web/console/app.ts';
import { apiDeps, tableOf, type World } from './deps.ts';
import type { EnvOf } from './env.ts';

/** What the web console is made of: all that the API is, for it does the same, and the sessions of browsers. */
export function consoleDeps(env: EnvOf<'console'>, world: World): ConsoleDeps {
  return {
    ...apiDeps(env, world),
    sessions: sessionStore(tableOf(world, env.TABLE_NAME)),
    randomBytes: world.randomBytes,
    allowInsecureTls: env.ALLOW_INSECURE_TLS === 'true',
  };
}
