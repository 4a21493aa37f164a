/** Reads CSV by RFC 4180, as Excel writes it, with the place of every cell. */
import type { Sentence } from '../../core/errors.ts';
import type { Place } from '../source.ts';

export interface CsvRow {
  readonly cells: readonly string[];
  /** Where it begins in the text. */
  readonly at: number;
}

/** A mistake in the text itself. */
export interface CsvSlip {
  readonly at: number;
  readonly message: Sentence;
  readonly fix: Sentence;
}

export interface Csv {
  readonly rows: readonly CsvRow[];
  readonly slips: readonly CsvSlip[];
}

const QUOTE = '"';

const UNCLOSED = {
  message: { zh: '引号没有结束', en: 'has a quote that is never closed' },
  fix: { zh: '请补上结束的引号，或删掉这个引号。', en: 'Close the quote, or remove it.' },
};
const AFTER_QUOTE = {
  message: { zh: '结束引号后面还有文字', en: 'goes on after its closing quote' },
  fix: {
    zh: '引号里面的引号请写两个（""）。',
    en: 'Write a quote inside a quoted cell twice ("").',
  },
};

/**
 * Cells are taken as they are, blanks included; a line break in quotes belongs to its cell. A line ends with CR LF, LF or
 * CR; the last one may go without. Never throws.
 */
export function readCsv(text: string): Csv {
  const rows: CsvRow[] = [];
  const slips: CsvSlip[] = [];
  let at = 0;
  let quote = text.indexOf(QUOTE);
  while (at < text.length) {
    // Most lines have no quotes: they are cut in one go.
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    if (quote >= 0 && quote < at) quote = text.indexOf(QUOTE, at);
    const plain = quote < 0 || quote > end ? text.slice(at, text[end - 1] === '\r' && feed > at ? end - 1 : end) : null;
    if (plain !== null && !plain.includes('\r')) {
      rows.push({ cells: plain.split(','), at });
      at = end + 1;
      continue;
    }
    const row = readLine(text, at);
    rows.push({ cells: row.cells.map(({ value }) => value), at });
    slips.push(...row.slips);
    at = row.end;
  }
  return { rows, slips };
}

/** Where a cell of a row begins in the text; of a quoted one, at its quote. Where there is no such cell, the row. */
export function cellAt(text: string, row: CsvRow, index: number): number {
  return readLine(text, row.at).cells[index]?.at ?? row.at;
}

interface Line {
  readonly cells: readonly { readonly value: string; readonly at: number }[];
  readonly slips: readonly CsvSlip[];
  /** Where the next line begins. */
  readonly end: number;
}

/** One line, cell by cell. */
function readLine(text: string, from: number): Line {
  const cells: { value: string; at: number }[] = [];
  const slips: CsvSlip[] = [];
  let at = from;
  for (;;) {
    const start = at;
    if (text[at] === QUOTE) {
      const cell = readQuoted(text, at);
      slips.push(...cell.slips);
      cells.push({ value: cell.value, at: start });
      at = cell.end;
    } else {
      at = cellEnd(text, at);
      cells.push({ value: text.slice(start, at), at: start });
    }
    if (text[at] !== ',') break;
    at += 1;
  }
  return { cells, slips, end: at + (text.startsWith('\r\n', at) ? 2 : 1) };
}

/** The first comma or line end from a place on. */
function cellEnd(text: string, from: number): number {
  const rest = /[,\r\n]/g;
  rest.lastIndex = from;
  return rest.exec(text)?.index ?? text.length;
}

/** A cell that begins with a quote. */
function readQuoted(text: string, open: number): { value: string; slips: readonly CsvSlip[]; end: number } {
  let value = '';
  let at = open + 1;
  for (;;) {
    const close = text.indexOf(QUOTE, at);
    if (close < 0) return { value: value + text.slice(at), slips: [{ at: open, ...UNCLOSED }], end: text.length };
    value += text.slice(at, close);
    at = close + 1;
    if (text[at] !== QUOTE) break;
    value += QUOTE;
    at += 1;
  }
  const end = cellEnd(text, at);
  const rest = text.slice(at, end);
  return rest.trim() === '' ? { value, slips: [], end } : { value: value + rest, slips: [{ at, ...AFTER_QUOTE }], end };
}

/** Tells the line and column of places in the text, from 1; as an editor counts them. */
export function placesIn(text: string): (at: number) => Place {
  const lines = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ index, 0: end }) => index + end.length)];
  return (at) => {
    let low = 0;
    let high = lines.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((lines[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - (lines[low] ?? 0) + 1 };
  };
}
