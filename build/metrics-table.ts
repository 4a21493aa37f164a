/** The table of docs/monitoring.md, from the catalogue. */
import { METRICS } from '../src/ops/metrics/catalog.ts';

const BEGIN = '<!-- what follows is written by npm run docs -->';
const END = '<!-- until here -->';

/** The page with its table made anew. @throws Error when the marks that enclose it are missing. */
export function withMetrics(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page has no "${BEGIN}" with a "${END}" after it`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table()}\n\n${page.slice(to)}`;
}

function table(): string {
  const rows = Object.values(METRICS).map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${help} |`;
  });
  return ['| metric | type | labels | what it tells |', '|---|---|---|---|', ...rows].join('\n');
}
