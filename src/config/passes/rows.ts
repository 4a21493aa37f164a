/** The lines of a table of passes: which column is which, and what every cell says. */
import type { Sentence } from '../../core/errors.ts';
import type { PassRow } from '../../core/park/pass.ts';
import { normalisePlate, type Plate, plateKind } from '../../core/plate.ts';
import type { PassKind } from '../../core/tariff/pass.ts';
import { civilDay, dayNumber } from '../../core/time.ts';
import { nearest } from '../errors.ts';
import { type CsvRow, cellAt, readCsv } from './csv.ts';

/** A table, read. */
export interface PassText {
  readonly file: string;
  readonly text: string;
}

/** A line that can be used, and where it begins. */
export interface TableRow extends PassRow {
  readonly source: PassText;
  readonly at: number;
}

export interface PassProblem {
  readonly source: PassText;
  /** The place in the text. */
  readonly at: number;
  /** The column, as the table names it; empty for what is about a line or the whole. */
  readonly column: string;
  /** What stands there; empty where that says nothing, or is nobody's business. */
  readonly value: string;
  readonly message: Sentence;
  readonly fix: Sentence;
}

export interface ReadRows {
  readonly rows: readonly TableRow[];
  readonly problems: readonly PassProblem[];
}

/** More lines than this are a mistake. */
export const MOST_ROWS = 200_000;

type Column = 'plate' | 'from' | 'until' | 'kind' | 'holder' | 'note';

/** The names of the columns; the first two are those that are documented. */
const COLUMNS: Readonly<Record<Column, readonly string[]>> = {
  plate: ['plate', '车牌', '车牌号', '车牌号码'],
  from: ['from', '开始', '开始日期', '起始日期', '生效日期'],
  until: ['until', '结束', '结束日期', '截止日期', '到期日期', '有效期至'],
  kind: ['kind', '类型', '类别'],
  holder: ['holder', '姓名', '车主'],
  note: ['note', '备注'],
};
const IN_ENGLISH = Object.keys(COLUMNS);
const NAMES = new Map(
  Object.entries(COLUMNS).flatMap(([column, names]) => names.map((name) => [name, column as Column] as const)),
);

const KINDS: ReadonlyMap<string, PassKind> = new Map([
  ...['monthly', '月卡', '月租', '月租车', '包月', '季卡', '年卡'].map((name) => [name, 'monthly'] as const),
  ...['free', '白名单', '免费', '免费车'].map((name) => [name, 'free'] as const),
]);

const HEADER: Sentence = {
  zh: '第一行请写列名：车牌,开始,结束,类型',
  en: 'Write the names of the columns as the first line: plate,from,until,kind.',
};

/** @param at the place in the text, or a cell. */
type Report = (at: number | Cell, message: Sentence, fix: Sentence) => void;

interface Cell {
  readonly line: CsvRow;
  readonly place: number;
  /** The column, as the table names it. */
  readonly name: string;
  readonly text: string;
}

/** Reads a table. What cannot be used is a problem at its place, all at once; the other lines are read all the same. */
export function readRows(source: PassText): ReadRows {
  const problems: PassProblem[] = [];
  const report: Report = (at, message, fix) => {
    if (typeof at === 'number') problems.push({ source, at, column: '', value: '', message, fix });
    else {
      const { line, place, name, text } = at;
      problems.push({ source, at: cellAt(source.text, line, place), column: name, value: text, message, fix });
    }
  };
  const { rows: lines, slips } = readCsv(source.text);
  for (const { at, message, fix } of slips) report(at, message, fix);
  const [header, ...rest] = lines.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  if (!header) {
    report(0, { zh: '是空的', en: 'is empty' }, HEADER);
    return { rows: [], problems };
  }
  const columns = readHeader(header, report);
  if (!columns) return { rows: [], problems };
  const tooMany = rest[MOST_ROWS];
  if (tooMany) {
    const message = { zh: `超过 ${MOST_ROWS} 行`, en: `has more than ${MOST_ROWS} lines` };
    report(tooMany.at, message, { zh: '请检查文件。', en: 'Look whether it is the right file.' });
    return { rows: [], problems };
  }
  const limits = new Map<string, number>();
  const rows = rest.flatMap((line) => readRow(line, columns, { source, report, limits }) ?? []);
  return { rows, problems };
}

interface Columns {
  readonly header: CsvRow;
  readonly index: ReadonlyMap<Column, number>;
}

/** Null when the table cannot be understood without more columns. */
function readHeader(header: CsvRow, report: Report): Columns | null {
  const index = new Map<Column, number>();
  for (const [place, text] of header.cells.entries()) {
    const name = text.normalize('NFKC').trim().toLowerCase();
    const cell: Cell = { line: header, place, name: text.trim(), text: '' };
    const column = NAMES.get(name);
    if (column && index.has(column)) {
      report(
        cell,
        { zh: '这一列写了两次', en: 'is a column twice' },
        { zh: '请只保留一列。', en: 'Keep one of the two.' },
      );
    } else if (column) index.set(column, place);
    else {
      // Other columns are the manager's own; one that is a slip of the pen would be missed without a word.
      const meant = /^[a-z ]{3,}$/.test(name) ? nearest(name, IN_ENGLISH) : undefined;
      const message = { zh: '不认识的列名', en: 'is no column that is known' };
      const fix = { zh: `是不是想写 "${meant}"？`, en: `Did you mean "${meant}"? Or give the column another name.` };
      if (meant !== undefined) report(cell, message, fix);
    }
  }
  const missing = (['plate', 'kind'] as const).filter((column) => !index.has(column));
  for (const column of missing) {
    const [en = '', zh = ''] = COLUMNS[column];
    report(header.at, { zh: `没有 ${zh} 列`, en: `has no column "${en}" or "${zh}"` }, HEADER);
  }
  return missing.length === 0 ? { header, index } : null;
}

interface Reading {
  readonly source: PassText;
  readonly report: Report;
  /** Days that were read already: a table has few of them, many times. */
  readonly limits: Map<string, number>;
}

function readRow(line: CsvRow, { header, index }: Columns, reading: Reading): TableRow | null {
  const { source, report } = reading;
  if (line.cells.length > header.cells.length) reportExtra(line, header, source, report);
  const cellOf = (column: Column): Cell => {
    const place = index.get(column) ?? -1;
    return { line, place, name: header.cells[place]?.trim() ?? column, text: line.cells[place]?.trim() ?? '' };
  };
  const plate = readPlate(cellOf('plate'), report);
  const kind = readKind(cellOf('kind'), report);
  const from = readLimit(cellOf('from'), reading);
  const until = readLimit(cellOf('until'), reading);
  if (kind === 'monthly' && !index.has('until')) {
    const message = { zh: '月卡表没有 结束 列', en: 'is monthly, and the table has no column "until" or "结束"' };
    report(cellOf('kind'), message, {
      zh: '请加一列 结束，写最后一天。',
      en: 'Add the column, with the last day of each pass.',
    });
    return null;
  }
  if (from != null && until != null && until < from) {
    const message = { zh: '早于开始', en: 'is before the day on which it begins' };
    report(cellOf('until'), message, { zh: '请改正其中一个日期。', en: 'Correct one of the two days.' });
    return null;
  }
  if (plate === undefined || kind === undefined || from === undefined || until === undefined) return null;
  return { plate, kind, from, until, source, at: line.at };
}

/** Something stands where no column is: most often a comma in a text that has no quotes. */
function reportExtra(line: CsvRow, header: CsvRow, { text }: PassText, report: Report): void {
  const extra = line.cells.findIndex((cell, place) => place >= header.cells.length && cell.trim() !== '');
  if (extra < 0) return;
  const message = { zh: '这一行的格子比列名多', en: 'this line has more cells than there are columns' };
  const fix = { zh: '含逗号的内容请加引号。', en: 'Put a text that holds a comma in quotes.' };
  report(cellAt(text, line, extra), message, fix);
}

function readPlate(cell: Cell, report: Report): Plate | undefined {
  const plate = normalisePlate(cell.text);
  if (plate !== undefined && plateKind(plate) !== 'unrecognised') return plate;
  const message =
    cell.text === ''
      ? { zh: '没有车牌', en: 'is empty' }
      : { zh: '不是已知形式的车牌', en: 'is no plate of a known form' };
  report(cell, message, {
    zh: '请写完整的车牌，例如 粤B12345。',
    en: 'Write the whole plate, such as "粤B12345".',
  });
  return undefined;
}

function readKind(cell: Cell, report: Report): PassKind | undefined {
  const kind = KINDS.get(cell.text) ?? KINDS.get(cell.text.normalize('NFKC').toLowerCase());
  if (kind !== undefined) return kind;
  const message =
    cell.text === '' ? { zh: '没有类型', en: 'is empty' } : { zh: '不是已知的类型', en: 'is no kind of pass' };
  report(cell, message, { zh: '请写 月卡 或 白名单。', en: 'Write "monthly" or "月卡", "free" or "白名单".' });
  return undefined;
}

const DAYS = [/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/, /^(\d{4})年(\d{1,2})月(\d{1,2})日$/, /^(\d{4})(\d{2})(\d{2})$/];

/** A day's number; null for an empty cell: no limit. */
function readLimit(cell: Cell, { report, limits }: Reading): number | null | undefined {
  const { text } = cell;
  if (text === '') return null;
  const day = limits.get(text) ?? readDay(text.normalize('NFKC'));
  if (day !== undefined) {
    limits.set(text, day);
    return day;
  }
  const message = { zh: '不是日期', en: 'is no day' };
  report(cell, message, {
    zh: '请写成 2026-12-31；不限则留空。',
    en: 'Write it like 2026-12-31, or leave it empty for no limit.',
  });
  return undefined;
}

function readDay(text: string): number | undefined {
  const match = DAYS.map((form) => form.exec(text)).find((found) => found !== null);
  const [year = 0, month = 0, day = 0] = match?.slice(1).map(Number) ?? [];
  const number = dayNumber(year, month, day);
  const date = civilDay(number);
  return year >= 1970 && date.month === month && date.day === day ? number : undefined;
}
