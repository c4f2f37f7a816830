import { parse } from 'acorn';

/** A node of a syntax tree, as ESTree has it. */
export type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What a call is, in AWS's terms: a command of the SDK's, a part of a transaction, a PartiQL statement, or what a query reads. */
type Call = { readonly kind: 'command' | 'transaction' | 'statement' | 'query'; readonly name: string };

/** An object with methods, where it is made: what it goes by there, by what function, and of which setting. */
type Binding = { readonly alias: string | undefined; readonly maker: string; readonly setting: string | undefined };

/** What a piece of code says, that of its inner functions included. */
export type Facts = {
  readonly names: ReadonlySet<string>;
  /** `<what>.<method>`, by the last name of what it is a method of. */
  readonly members: ReadonlySet<string>;
  readonly bindings: readonly Binding[];
  /** Members of `deps` that are given to a function or take another name. */
  readonly handedOn: readonly string[];
  readonly calls: readonly Call[];
};

const TRANSACTED = new Set(['Put', 'Update', 'Delete', 'ConditionCheck']);
const PAGINATORS = new Map([
  ['paginateQuery', 'QueryCommand'],
  ['paginateScan', 'ScanCommand'],
]);

export function parseModule(code: string): Node {
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Node;
}

/** The declarations of a module, and the methods of the objects that its functions return, which are left out of the functions. */
export function makersOf(program: Node) {
  const declarations = nodes(program['body']).flatMap(declared);
  const methods = new Map<string, ReadonlyMap<string, Node>>();
  for (const [name, node] of declarations) {
    // What composes a function is reached whole: its members are given to actions under their own names.
    const isStore = node.type === 'FunctionDeclaration' && !name.endsWith('Deps');
    const returned = isStore ? returnedMethods(node) : [];
    if (returned.length > 0) methods.set(name, new Map(returned.map((method) => [keyOf(method), method])));
  }
  const separate = new Set([...methods.values()].flatMap((of) => [...of.values()]));
  const top = new Map(declarations.map(([name, node]) => [name, methods.has(name) ? partsOf(node, separate) : [node]]));
  return { top, methods };
}

/** A function without the methods of what it returns. */
function partsOf(declaration: Node, methods: ReadonlySet<Node>): readonly Node[] {
  const statements = nodes(child(declaration, 'body')?.['body']);
  const parts = statements.flatMap((one) => (isReturnedObject(one) ? properties(one) : [one]));
  return [...nodes(declaration['params']), ...parts.filter((part) => !methods.has(part))];
}

function declared(statement: Node): (readonly [string, Node])[] {
  if (statement.type === 'VariableDeclaration') {
    return nodes(statement['declarations']).map((one) => [nameOf(child(one, 'id')), one]);
  }
  return 'id' in statement ? [[nameOf(child(statement, 'id')), statement]] : [];
}

function isReturnedObject(statement: Node): boolean {
  return statement.type === 'ReturnStatement' && child(statement, 'argument')?.type === 'ObjectExpression';
}

function properties(statement: Node): readonly Node[] {
  return nodes(child(statement, 'argument')?.['properties']);
}

function returnedMethods(declaration: Node): readonly Node[] {
  const statements = nodes(child(declaration, 'body')?.['body']).filter(isReturnedObject);
  return statements.flatMap(properties).filter((one) => /Function/.test(child(one, 'value')?.type ?? ''));
}

export function factsOf(roots: readonly Node[]): Facts {
  const facts = {
    names: new Set<string>(),
    members: new Set<string>(),
    bindings: [] as Binding[],
    handedOn: [] as string[],
    calls: [] as Call[],
  };
  const visit = (node: Node, alias?: string): void => {
    if (node.type === 'Identifier') facts.names.add(nameOf(node));
    if (node.type === 'MemberExpression') facts.members.add(`${nameOf(child(node, 'object'))}.${nameOf(node)}`);
    if (node.type === 'CallExpression') {
      facts.bindings.push(bindingOf(node, alias));
      facts.handedOn.push(...nodes(node['arguments']).filter(isOfDeps).map(nameOf));
    }
    if (node.type === 'Property' || node.type === 'VariableDeclarator') {
      facts.handedOn.push(...renamed(node));
      for (const method of destructured(node)) facts.members.add(method);
    }
    facts.calls.push(...callsOf(node));
    for (const [key, inner] of children(node)) visit(inner, aliasOf(node, key));
  };
  for (const root of roots) visit(root);
  return facts;
}

/** The nodes directly below, but for names that only name a part of what is beside them. */
function children(node: Node): (readonly [string, Node])[] {
  const isPart = (key: string) =>
    node['computed'] !== true &&
    ((node.type === 'MemberExpression' && key === 'property') || (node.type === 'Property' && key === 'key'));
  return Object.entries(node).flatMap(([key, value]) => {
    if (isPart(key)) return [];
    return (isNode(value) ? [value] : nodes(value)).map((inner) => [key, inner] as const);
  });
}

/** What a value goes by: the key of its property, or its variable. */
function aliasOf(node: Node, key: string): string | undefined {
  if (node.type === 'Property' && key === 'value') return keyOf(node);
  return node.type === 'VariableDeclarator' && key === 'init' ? nameOf(child(node, 'id')) : undefined;
}

function bindingOf(call: Node, alias: string | undefined): Binding {
  const text = JSON.stringify(call['arguments']);
  const setting = /"name":"([A-Z]+(?:_[A-Z]+)+)"/.exec(text)?.[1];
  return { alias, maker: nameOf(child(call, 'callee')), setting };
}

function isOfDeps(node: Node): boolean {
  return node.type === 'MemberExpression' && nameOf(child(node, 'object')) === 'deps';
}

/** `{ store: deps.webhooks }` and `const store = deps.webhooks`, and `{ webhooks: store }` of a pattern; not `{ webhooks }`. */
function renamed(node: Node): string[] {
  const value = child(node, node.type === 'Property' ? 'value' : 'init');
  const name = node.type === 'Property' ? keyOf(node) : nameOf(child(node, 'id'));
  return value !== undefined && isOfDeps(value) && nameOf(value) !== name && name !== '' ? [nameOf(value)] : [];
}

/** `const { send } = deps.deliveries` is `deliveries.send`. */
function destructured(node: Node): string[] {
  const [pattern, init] = [child(node, 'id'), child(node, 'init')];
  if (pattern?.type !== 'ObjectPattern' || init === undefined) return [];
  return nodes(pattern['properties']).map((one) => `${nameOf(init)}.${keyOf(one)}`);
}

function callsOf(node: Node): Call[] {
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    // esbuild numbers what several modules import under one name.
    const callee = nameOf(child(node, 'callee')).replace(/\d+$/, '');
    const isCommand = node.type === 'NewExpression' && callee.endsWith('Command');
    const name = isCommand ? callee : PAGINATORS.get(callee);
    return name === undefined ? [] : [{ kind: 'command', name }];
  }
  if (node.type === 'Property' && TRANSACTED.has(keyOf(node))) return [{ kind: 'transaction', name: keyOf(node) }];
  if (node.type === 'VariableDeclarator' && TRANSACTED.has(nameOf(child(node, 'id')))) {
    return [{ kind: 'transaction', name: nameOf(child(node, 'id')) }];
  }
  if (node.type === 'TemplateLiteral') {
    const verb = /^(INSERT|UPDATE|DELETE|SELECT) /.exec(JSON.stringify(node['quasis']).split('"raw":"')[1] ?? '')?.[1];
    return verb === undefined ? [] : [{ kind: 'statement', name: verb }];
  }
  const keys = node.type === 'ObjectExpression' ? nodes(node['properties']).map(keyOf) : [];
  if (!keys.includes('KeyConditionExpression')) return [];
  return [{ kind: 'query', name: keys.includes('IndexName') ? 'index' : 'table' }];
}

function keyOf(property: Node): string {
  return nameOf(child(property, 'key'));
}

/** A name; of a member, the last one. */
function nameOf(node: Node | undefined): string {
  if (node?.type === 'MemberExpression') return nameOf(child(node, 'property'));
  if (node?.type === 'ChainExpression') return nameOf(child(node, 'expression'));
  return String(node?.['name'] ?? node?.['value'] ?? '');
}

function child(node: Node, key: string): Node | undefined {
  const value = node[key];
  return isNode(value) ? value : undefined;
}

function nodes(value: unknown): Node[] {
  return (Array.isArray(value) ? value : []).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
