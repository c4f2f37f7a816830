export const API = 'https://api.djinn-ci.example';
const NAMESPACE_API = `${API}/n/admin/demo`;

export function user(username: string) {
  return { email: `${username}@djinn-ci.example`, username, created_at: '2026-03-01T10:00:00Z' };
}

export function namespace() {
  return {
    id: 1,
    user_id: 1,
    root_id: 1,
    parent_id: null,
    name: 'demo',
    path: 'demo',
    description: 'Builds of the demonstration projects',
    visibility: 'private',
    created_at: '2026-03-02T08:30:00Z',
    url: NAMESPACE_API,
    builds_url: `${NAMESPACE_API}/-/builds`,
    namespaces_url: `${NAMESPACE_API}/-/namespaces`,
    images_url: `${NAMESPACE_API}/-/images`,
    objects_url: `${NAMESPACE_API}/-/objects`,
    variables_url: `${NAMESPACE_API}/-/variables`,
    keys_url: `${NAMESPACE_API}/-/keys`,
    invites_url: `${NAMESPACE_API}/-/invites`,
    collaborators_url: `${NAMESPACE_API}/-/collaborators`,
    webhooks_url: `${NAMESPACE_API}/-/webhooks`,
    user: user('admin'),
    parent: null,
    build: null,
  };
}
