import { columns } from '../../infra/ctl/output.ts';
import type { Findings, Results, Table } from './bench.ts';

/** Findings as text, for a terminal. */
export function asText({ tables, verdict }: Findings): string {
  return [...tables.map(({ title, rows }) => `${title}\n\n${columns(rows)}`), verdict].join('\n\n');
}

/** Findings as a section of docs/performance.md. */
export function asMarkdown({ tables, verdict, charts = {} }: Omit<Findings, 'results'>): string {
  const images = Object.entries(charts).map(([name, svg]) => `![${titleOf(svg) ?? name}](images/${name}.svg)`);
  return [...tables.map(tableOf), verdict, ...images].join('\n\n');
}

/** What a chart says that it shows. */
function titleOf(svg: string): string | undefined {
  return /aria-label="([^"]+)"/.exec(svg)?.[1];
}

function tableOf({ title, rows: [head = [], ...rows] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [`**${title}**`, '', line(head), line(rule), ...rows.map(line)].join('\n');
}

/** A document with what stands between a section's marks replaced. Throws where it has no such marks. */
export function withSection(document: string, name: string, content: string): string {
  const marks = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
  if (!marks.test(document)) throw new Error(`The document has no marks for a section ${name}`);
  return document.replace(marks, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
}

/** What stands between a section's marks. */
export function sectionOf(document: string, name: string): string {
  return new RegExp(`<!-- ${name}: begin[^>]*-->\n([\\s\\S]*?)<!-- ${name}: end -->`).exec(document)?.[1]?.trim() ?? '';
}

/** Earlier results with what was measured anew in their place, as JSON. */
export function withResults(earlier: string, results: Partial<Results>): string {
  return `${JSON.stringify({ ...(JSON.parse(earlier) as Partial<Results>), ...results }, null, 2)}\n`;
}
