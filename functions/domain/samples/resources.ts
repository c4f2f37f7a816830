import { MANIFEST } from './build.ts';
import { API, namespace, user } from './namespace.ts';

/** The fields that cron jobs, images, objects, variables and keys share. */
function resource(collection: string, id: number) {
  return {
    id,
    author_id: 1,
    user_id: 1,
    namespace_id: 1,
    created_at: '2026-03-03T09:12:44Z',
    url: `${API}/${collection}/${id}`,
    author: user('admin'),
    user: user('admin'),
    namespace: namespace(),
  };
}

export function cron() {
  return {
    ...resource('cron', 2),
    name: 'Nightly',
    schedule: 'daily',
    manifest: MANIFEST,
    prev_run: '2026-03-09T00:00:00Z',
    next_run: '2026-03-10T00:00:00Z',
  };
}

export function image() {
  const download = {
    source: 'https://images.djinn-ci.example/debian/bookworm.qcow2',
    error: null,
    created_at: '2026-03-03T09:12:44Z',
    started_at: null,
    finished_at: null,
  };
  return { ...resource('images', 3), driver: 'qemu', name: 'debian/bookworm', download };
}

export function object() {
  return {
    ...resource('objects', 4),
    name: 'fixtures.tar.gz',
    type: 'application/gzip',
    size: 482_133,
    md5: '9c1185a5c5e9fc54612808977ee8f548',
    sha256: '2f7b4c1d90e83a56b1c4d7f20a9e6835cb41f07d8e92a3650bd17c4ef8a52936',
    builds_url: `${API}/objects/4/builds`,
  };
}

export function variable() {
  return { ...resource('variables', 5), key: 'DEPLOY_TOKEN', value: 'xxxxxx', masked: true };
}

export function key() {
  return {
    ...resource('keys', 6),
    name: 'id_deploy',
    config: 'Host git.djinn-ci.example\n  User git\n  IdentityFile /root/.ssh/id_deploy\n  IdentitiesOnly yes\n',
    updated_at: '2026-03-04T11:02:09Z',
  };
}
