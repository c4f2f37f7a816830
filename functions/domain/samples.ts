/** One payload for each event type, as a small CI server would send it: for the documentation, test events and tests. */
import { BUILD_API, finishedBuild, queuedBuild, runningBuild, tag, taggedBuild } from './samples/build.ts';
import { namespace, user } from './samples/namespace.ts';
import { cron, image, key, object, variable } from './samples/resources.ts';

/** The sample payloads by event type; the catalogue shows each beside its schema. */
export const SAMPLES = {
  'build.submitted': queuedBuild(),
  'build.started': runningBuild(),
  'build.finished': finishedBuild(),
  'build.tagged': { build: taggedBuild(), tags: [tag()], url: `${BUILD_API}/tags`, user: user('admin') },
  'build.pinned': { ...finishedBuild(), pinned: true },
  'build.unpinned': finishedBuild(),
  'invite.sent': { invitee: user('guest'), inviter: user('admin'), namespace: namespace() },
  'invite.accepted': { invitee: user('guest'), namespace: namespace() },
  'invite.rejected': { invitee: user('guest'), namespace: namespace() },
  namespaces: { action: 'created', namespace: namespace() },
  cron: { action: 'created', cron: cron() },
  images: { action: 'created', image: image() },
  objects: { action: 'created', object: object() },
  variables: { action: 'created', variable: variable() },
  ssh_keys: { action: 'created', key: key() },
};
