import { API, namespace, user } from './namespace.ts';

export const BUILD_API = `${API}/b/admin/7`;
const COMMIT = '5b0c7e1f93a84d26b7d1c0f4e8a2963d5f7b1e04';

export const MANIFEST = `namespace: demo
driver:
  type: qemu
  image: debian/bookworm
sources:
- https://git.djinn-ci.example/admin/greeter.git
stages:
- test
- build
jobs:
- stage: test
  commands:
  - cd greeter
  - make test
- stage: build
  commands:
  - cd greeter
  - make
  artifacts:
  - greeter/bin/greeter
`;

const OUTPUT = `$ cd greeter
$ make test
ok  	greeter	0.412s
$ make
cc -O2 -o bin/greeter main.c
Collecting artifacts
greeter/bin/greeter => greeter
Done. Job passed
`;

function trigger() {
  return {
    type: 'push',
    comment: 'Greet in two languages',
    data: { email: 'admin@djinn-ci.example', id: COMMIT, ref: 'refs/heads/main', username: 'admin' },
  };
}

export function queuedBuild() {
  return {
    id: 7,
    user_id: 1,
    namespace_id: 1,
    number: 7,
    manifest: MANIFEST,
    status: 'queued',
    output: null,
    tags: ['main'],
    pinned: false,
    created_at: '2026-03-09T14:05:12Z',
    started_at: null,
    finished_at: null,
    url: BUILD_API,
    objects_url: `${BUILD_API}/objects`,
    variables_url: `${BUILD_API}/variables`,
    jobs_url: `${BUILD_API}/jobs`,
    artifacts_url: `${BUILD_API}/artifacts`,
    tags_url: `${BUILD_API}/tags`,
    user: user('admin'),
    namespace: namespace(),
    trigger: trigger(),
  };
}

export function runningBuild() {
  return { ...queuedBuild(), status: 'running', started_at: '2026-03-09T14:05:15Z' };
}

export function finishedBuild() {
  return { ...runningBuild(), status: 'passed', output: OUTPUT, finished_at: '2026-03-09T14:07:48Z' };
}

export function taggedBuild() {
  return { ...finishedBuild(), tags: ['main', 'release'] };
}

export function tag() {
  return {
    user_id: 1,
    build_id: 7,
    name: 'release',
    created_at: '2026-03-09T15:20:31Z',
    url: `${BUILD_API}/tags/2`,
    user: user('admin'),
    build: taggedBuild(),
  };
}
