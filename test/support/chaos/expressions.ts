/** DynamoDB's expressions, as far as the product's stores write them; what it does not know it refuses. */

export type Values = Readonly<Record<string, unknown>>;
export type Bindings = {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Values | undefined;
};

/** The run is to blame, not the product: what stands in for a service does not know what it was asked, or answers wrongly. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

type Cursor = { readonly tokens: readonly string[]; at: number; readonly item: Values; readonly bindings: Bindings };

const TOKEN = /\s*(<>|<=|>=|[=<>(),+\-.]|[#:]?[A-Za-z_]\w*)/y;

/** Whether a condition, key condition or filter holds of an item; one that is absent does. */
export function holds(expression: string | undefined, item: Values, bindings: Bindings): boolean {
  if (expression === undefined) return true;
  const cursor = cursorOf(expression, item, bindings);
  const result = either(cursor);
  if (cursor.at < cursor.tokens.length) throw new NotUnderstood(`Not understood: ${expression}`);
  return result;
}

/** An item after an update expression. */
export function updated(expression: string, item: Values, bindings: Bindings): Values {
  const cursor = cursorOf(expression, item, bindings);
  const after: Record<string, unknown> = { ...item };
  while (cursor.at < cursor.tokens.length) {
    const clause = take(cursor);
    do clauseOf(clause, cursor, after);
    while (skip(cursor, ','));
  }
  return after;
}

function clauseOf(clause: string, cursor: Cursor, after: Record<string, unknown>): void {
  const name = nameOf(take(cursor), cursor.bindings);
  if (clause === 'REMOVE') delete after[name];
  else if (isSetClause(clause, cursor))
    changeSet(clause, { name, given: operand(cursor) as ReadonlySet<unknown> }, after);
  else if (clause === 'ADD') after[name] = Number(cursor.item[name] ?? 0) + Number(operand(cursor));
  else if (clause === 'SET' && skip(cursor, '=')) after[name] = sum(cursor);
  else throw new NotUnderstood(`Not understood: ${clause} of ${name}`);
}

/** Whether what is added or deleted is a set, which the next token names. */
function isSetClause(clause: string, { tokens, at, bindings }: Cursor): boolean {
  if (clause !== 'ADD' && clause !== 'DELETE') return false;
  return bindings.ExpressionAttributeValues?.[tokens[at] ?? ''] instanceof Set;
}

/** An empty set is no attribute. */
function changeSet(
  clause: string,
  { name, given }: { readonly name: string; readonly given: ReadonlySet<unknown> },
  after: Record<string, unknown>,
): void {
  const before = (after[name] ?? new Set()) as ReadonlySet<unknown>;
  const changed = clause === 'ADD' ? before.union(given) : before.difference(given);
  if (changed.size === 0) delete after[name];
  else after[name] = changed;
}

function sum(cursor: Cursor): unknown {
  const first = operand(cursor);
  if (skip(cursor, '+')) return Number(first) + Number(operand(cursor));
  return skip(cursor, '-') ? Number(first) - Number(operand(cursor)) : first;
}

function either(cursor: Cursor): boolean {
  let result = both(cursor);
  while (skip(cursor, 'OR')) result = both(cursor) || result;
  return result;
}

function both(cursor: Cursor): boolean {
  let result = one(cursor);
  while (skip(cursor, 'AND')) result = one(cursor) && result;
  return result;
}

function one(cursor: Cursor): boolean {
  if (skip(cursor, 'NOT')) return !one(cursor);
  if (skip(cursor, '(')) {
    const inner = either(cursor);
    expect(cursor, ')');
    return inner;
  }
  const name = cursor.tokens[cursor.at];
  if (name === 'attribute_exists' || name === 'attribute_not_exists' || name === 'begins_with') return test(cursor);
  const left = operand(cursor);
  if (skip(cursor, 'BETWEEN')) {
    const low = operand(cursor);
    expect(cursor, 'AND');
    const high = operand(cursor);
    return compare('>=', left, low) && compare('<=', left, high);
  }
  return compare(take(cursor), left, operand(cursor));
}

function test(cursor: Cursor): boolean {
  const name = take(cursor);
  expect(cursor, '(');
  const value = operand(cursor);
  const prefix = skip(cursor, ',') ? operand(cursor) : undefined;
  expect(cursor, ')');
  if (name === 'begins_with') return typeof value === 'string' && value.startsWith(String(prefix));
  return (value !== undefined) === (name === 'attribute_exists');
}

function compare(operator: string, left: unknown, right: unknown): boolean {
  if (operator === '=') return isSame(left, right);
  if (operator === '<>') return !isSame(left, right);
  if (left === undefined || right === undefined || typeof left !== typeof right) return false;
  const [a, b] = [left as string, right as string];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  if (operator === '>') return a > b;
  if (operator === '>=') return a >= b;
  throw new NotUnderstood(`Not understood: ${operator}`);
}

/** An attribute that is not there is the same as nothing, not even as another that is not there. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  return typeof left === 'object' ? JSON.stringify(sorted(left)) === JSON.stringify(sorted(right)) : left === right;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function operand(cursor: Cursor): unknown {
  const token = take(cursor);
  if (token === 'if_not_exists') {
    expect(cursor, '(');
    const value = operand(cursor);
    expect(cursor, ',');
    const otherwise = operand(cursor);
    expect(cursor, ')');
    return value ?? otherwise;
  }
  if (!token.startsWith(':')) return cursor.item[nameOf(token, cursor.bindings)];
  const value = cursor.bindings.ExpressionAttributeValues?.[token];
  if (value === undefined) throw new NotUnderstood(`No value was given for ${token}`);
  return value;
}

/** The attribute that a token of an expression names. */
export function nameOf(token: string, { ExpressionAttributeNames }: Bindings): string {
  if (!token.startsWith('#')) return token;
  const name = ExpressionAttributeNames?.[token];
  if (name === undefined) throw new NotUnderstood(`No name was given for ${token}`);
  return name;
}

const tokensOf = new Map<string, readonly string[]>();

function cursorOf(expression: string, item: Values, bindings: Bindings): Cursor {
  const tokens = tokensOf.get(expression) ?? tokenise(expression);
  tokensOf.set(expression, tokens);
  return { tokens, at: 0, item, bindings };
}

function tokenise(expression: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const [, token] = TOKEN.exec(expression) ?? [];
    if (token === undefined) throw new NotUnderstood(`Not understood: ${expression}`);
    tokens.push(token);
  }
  return tokens;
}

function take(cursor: Cursor): string {
  const token = cursor.tokens[cursor.at];
  if (token === undefined) throw new NotUnderstood(`Ends too early: ${cursor.tokens.join(' ')}`);
  cursor.at += 1;
  return token;
}

function skip(cursor: Cursor, token: string): boolean {
  if (cursor.tokens[cursor.at] !== token) return false;
  cursor.at += 1;
  return true;
}

function expect(cursor: Cursor, token: string): void {
  if (!skip(cursor, token)) throw new NotUnderstood(`Expected ${token}: ${cursor.tokens.join(' ')}`);
}
