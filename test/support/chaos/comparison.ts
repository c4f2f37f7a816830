import { NotUnderstood } from './expressions.ts';
import type { Comparison } from './stage.ts';
import type { MemoryTable } from './table.ts';

/**
 * Lets a DynamoDB on the wire carry everything out beside the one in this process, which is only as good as it agrees with
 * that. Throws NotUnderstood where their answers differ.
 */
export function comparison(at: { readonly endpoint: string; readonly tableName: string }): Comparison {
  return {
    ...at,
    carrier: (table: MemoryTable) => async (command, input, onwards) => {
      const mine = await answerOf(async () => table.carryOut(command, input));
      const theirs = await answerOf(onwards);
      if (said(mine) !== said(theirs)) {
        throw new NotUnderstood(
          `${command} ${JSON.stringify(input)} answers ${said(mine)} here and ${said(theirs)} on the wire`,
        );
      }
      if ('error' in theirs) throw theirs.error;
      return theirs.value;
    },
  };
}

type Answer = { readonly value: unknown } | { readonly error: unknown };

async function answerOf(call: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof NotUnderstood) throw error;
    return { error };
  }
}

/** What an answer says, whatever the order of attributes and of items that are due at the same moment. */
function said(answer: Answer): string {
  if ('error' in answer) {
    const { name, CancellationReasons = [] } = answer.error as {
      name: string;
      CancellationReasons?: { Code: string }[];
    };
    return `${name} ${CancellationReasons.map(({ Code }) => Code)}`;
  }
  const { Items, Item, Attributes, Responses, Count, ScannedCount } = (answer.value ?? {}) as Record<string, unknown>;
  const items = Array.isArray(Items) ? Items.map(canonical).sort() : undefined;
  return canonical({ items, Item, Attributes, Responses, Count, ScannedCount });
}

function canonical(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value instanceof Set) return `{${[...value].map(canonical).sort()}}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value)
    .filter(([name, one]) => one !== undefined && !UNSAID.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, one]) => `${name}:${canonical(one)}`)}}`;
}

/** What the product does not look at, and services put differently. */
const UNSAID = new Set(['$metadata', 'Message', 'TableName']);
