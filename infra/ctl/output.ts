/** The option of every command that prints facts. */
export const JSON_OPTION = ['--json', 'print the facts as one JSON value'] as const;

export type Output = { readonly json?: boolean };

/**
 * Prints facts on standard output: as one JSON value where that is asked for, else as text for whoever reads along, if there is any.
 * Notes follow the text, and do not come between a program and the JSON that it reads.
 */
export function print(
  { json = false }: Output,
  facts: unknown,
  text: string | undefined,
  notes: readonly string[] = [],
): void {
  if (json) console.log(JSON.stringify(facts, null, 2));
  else if (text !== undefined) console.log(text);
  for (const note of notes) json ? console.error(note) : console.log(note);
}

/** Rows as text, in columns as wide as their widest cell. The first row is the head. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
