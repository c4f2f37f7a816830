import { type Facts, factsOf, makersOf, type Node, parseModule } from './syntax.ts';

/**
 * What a function's code can call of AWS, read from its bundle. esbuild leaves out what is never imported; but a store is an object of
 * methods, all of which stay. So a method counts as reachable only where reachable code names it: `deps.attempts.claim` or
 * `attempts.claim` reaches the `claim` of what was composed as `attempts: attemptStore(…)`. Throws where a store goes by another name,
 * for then this way of reading would miss what is called.
 */
export function reachableCalls(code: string): readonly ReachableCall[] {
  const { top, methods } = makersOf(parseModule(code));
  const reached = new Map<string, Facts>();
  const reach = (id: string, nodes: readonly Node[]) => {
    if (!reached.has(id)) reached.set(id, factsOf(nodes));
  };
  reach('handler', top.get('handler') ?? []);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    const facts = [...reached.values()];
    const bindings = facts.flatMap((one) => one.bindings).filter(({ maker }) => methods.has(maker));
    for (const { names } of facts) for (const name of names) reach(name, top.get(name) ?? []);
    for (const { alias, maker } of bindings) {
      for (const [method, node] of methods.get(maker) ?? []) {
        const isNamed = facts.some(({ members }) => members.has(`${alias}.${method}`));
        if (alias === undefined || isNamed) reach(`${maker}.${method} of ${alias}`, [node]);
      }
    }
    refuseOtherNames(facts, bindings);
  }
  const made = [...reached.values()].flatMap(({ bindings }) => bindings.filter(({ maker }) => methods.has(maker)));
  return [...reached].flatMap(([id, facts]) => {
    const [, alias] = id.split(' of ');
    const setting = made.find((one) => one.alias === alias)?.setting;
    return facts.calls.map((call) => ({ ...call, setting }));
  });
}

/** A command or a part of one, and the setting that names what it is done to, where what does it was made of one. */
export type ReachableCall = Facts['calls'][number] & { readonly setting: string | undefined };

function refuseOtherNames(facts: readonly Facts[], bindings: Facts['bindings']): void {
  const aliases = new Set(bindings.map(({ alias }) => alias));
  const renamed = facts.flatMap(({ handedOn }) => handedOn).filter((name) => aliases.has(name));
  if (renamed.length > 0) throw new Error(`Handed on by another name, or unnamed: ${renamed.join(', ')}`);
}
