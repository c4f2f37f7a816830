import { type CiNamespace, namespaceEvent, rootOf } from './directory.ts';

/** The CI's ids and users of each history are its own. */
let histories = 0;

/** What the CI does in a second: the numbers choose among what there is to be chosen from. */
export type Step = {
  readonly does: 'create' | 'rename' | 'move' | 'describe' | 'delete' | 'give';
  readonly which: number;
  readonly name: string;
};

/** A CI of a few namespaces, the events that it emits, and so the truth that whoever reads them should come to. */
export class Ci {
  readonly events: string[] = [];
  readonly alive = new Map<number, { name: string; parentId: number | undefined; user: string; description: string }>();
  readonly pathsEver = new Set<string>();
  private readonly history = ++histories;
  private second = 0;

  do({ does, which, name }: Step): void {
    const ids = [...this.alive.keys()];
    const id = ids[which % Math.max(1, ids.length)];
    this.second += 1;
    const one = id === undefined ? undefined : this.alive.get(id);
    if (does === 'create' || id === undefined || one === undefined) {
      this.create(which % 3 === 0 ? undefined : id, name);
      return;
    }
    if (does === 'delete') {
      this.delete(id);
      return;
    }
    if (does === 'rename' && this.isFree(one.parentId, name, one.user)) one.name = name;
    if (does === 'move') this.move(id, [undefined, ...ids][(which * 5) % (ids.length + 1)]);
    if (does === 'describe') one.description = `as of ${this.second}`;
    if (does === 'give' && one.parentId === undefined) {
      const heir = this.userOf(which % 2);
      if (this.isFree(undefined, one.name, heir)) this.giveTree(id, heir);
    }
    this.emit('updated', id);
  }

  of(id: number): CiNamespace {
    const one = this.alive.get(id);
    if (one === undefined) throw new Error(`No namespace ${id}`);
    const parent = one.parentId === undefined ? undefined : this.of(one.parentId);
    const path = parent === undefined ? one.name : `${parent.path}/${one.name}`;
    return { id, path, user: one.user, parent, description: one.description };
  }

  private create(parentId: number | undefined, name: string): void {
    const user = parentId === undefined ? this.userOf(0) : (this.alive.get(parentId)?.user ?? '');
    if (!this.isFree(parentId, name, user)) return;
    const id = this.history * 1000 + this.second;
    this.alive.set(id, { name, parentId, user, description: '' });
    this.emit('created', id);
  }

  private delete(id: number): void {
    this.emit('deleted', id);
    for (const gone of this.below(id)) this.alive.delete(gone);
  }

  /** A namespace is moved below another one of its owner, or made a root. */
  private move(id: number, parentId: number | undefined): void {
    const one = this.alive.get(id);
    if (one === undefined || (parentId !== undefined && this.below(id).includes(parentId))) return;
    if (parentId !== undefined && this.alive.get(parentId)?.user !== one.user) return;
    if (this.isFree(parentId, one.name, one.user)) one.parentId = parentId;
  }

  private giveTree(id: number, user: string): void {
    for (const below of this.below(id)) {
      const one = this.alive.get(below);
      if (one) one.user = user;
    }
  }

  private below(id: number): number[] {
    const children = [...this.alive].filter(([, { parentId }]) => parentId === id).map(([child]) => child);
    return [id, ...children.flatMap((child) => this.below(child))];
  }

  private isFree(parentId: number | undefined, name: string, user: string): boolean {
    const siblings = [...this.alive.values()].filter((one) => one.parentId === parentId && one.user === user);
    return siblings.every((one) => one.name !== name);
  }

  /** All users that the CI has. */
  get users(): readonly string[] {
    return [0, 1].map((index) => this.userOf(index));
  }

  private userOf(index: number): string {
    return `${'ab'[index]}-${this.history}`;
  }

  private emit(action: string, id: number): void {
    this.events.push(namespaceEvent(action, this.of(id), { second: this.second }));
    for (const one of this.alive.keys()) this.pathsEver.add(`${this.of(one).user}/${this.of(one).path}`);
  }
}

/** What a reader should see at each path that the CI ever had. */
export function expected(ci: Ci): Record<string, unknown> {
  const entries = [...ci.alive.keys()].map((id) => ci.of(id));
  const at = new Map(entries.map((one) => [`${one.user}/${one.path}`, truth(one)]));
  return Object.fromEntries([...ci.pathsEver].map((name) => [name, at.get(name)]));
}

function truth(one: CiNamespace): unknown {
  const { id, description, parent } = one;
  return { id, rootId: rootOf(one).id, description, parent: parent === undefined ? null : truth(parent) };
}

/** What each user should be shown as theirs, and the ids that the table should say of them. */
export function toList(ci: Ci): Record<string, unknown> {
  const all = [...ci.alive.keys()].map((id) => ci.of(id));
  const entries = ci.users.map((username) => {
    const own = all.filter(({ user }) => user === username).map(({ id, path }) => ({ id, path }));
    const shown = own.sort((a, b) => (a.path < b.path ? -1 : 1));
    return [username, { shown, hinted: own.map(({ id }) => id).sort((a, b) => a - b) }];
  });
  return Object.fromEntries(entries);
}

/** A CI that has done all this, a step a second. */
export function ciAfter(steps: readonly Step[]): Ci {
  const ci = new Ci();
  for (const one of steps) ci.do(one);
  return ci;
}
