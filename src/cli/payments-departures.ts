/** Vehicles that were let go uncollected, as text, CSV or JSON, and how the fees of a day's departures add up. Pure. */
import type { Language } from '../core/errors.ts';
import { add, type Fen, yuan, ZERO } from '../core/money.ts';
import { formatLocal, type Zone } from '../core/time.ts';
import { printable, withoutControls } from '../ops/log.ts';
import type { DepartureSums, LetGoLine } from '../reports/departures.ts';
import { pad } from '../text-width.ts';
import { csvLine, plainYuan, verbatim } from './payments-csv.ts';
import { DEPARTURES, LET_GO_COLUMNS, type LetGoColumn, WHYS } from './payments-words.ts';

export interface LetGoRow {
  readonly line: LetGoLine;
  /** The day of the departure, `yyyy-MM-dd`. */
  readonly day: string;
  /** The zone of the line's park. */
  readonly zone: Zone;
}

export interface Departed {
  readonly rows: readonly LetGoRow[];
  /** Null where the fees of some of the departures are not known any more. */
  readonly sums: DepartureSums | null;
}

interface Options {
  readonly language: Language;
  readonly days: string;
}

const LABEL_WIDTH = 62;
const WIDTH = 12;

/** The list, and the sums below it; empty where no vehicle left and none was let go. */
export function departuresText({ rows, sums }: Departed, { language, days }: Options): string {
  const word = (name: keyof typeof DEPARTURES): string => DEPARTURES[name][language];
  const line = (label: string, cars: string, amount: string): string =>
    `${pad(label, LABEL_WIDTH)}${pad(cars, -WIDTH)}${pad(amount, -WIDTH)}\n`;
  const count = (label: string, cars: number, amount: Fen): string => line(label, String(cars), yuan(amount));
  const total = (of: (row: LetGoLine) => Fen): Fen => rows.reduce((sum, row) => add(sum, of(row.line)), ZERO);
  const owing = rows.filter(({ line: { due } }) => due > 0);
  const open = owing.filter(({ line: one }) => one.open > 0);
  const due = total((row) => row.due);
  const rest = total((row) => row.open);
  const list =
    rows.length === 0 ? '' : `${word('letGo')} ${days}\n${rows.map((row) => rowText(row, language)).join('')}\n`;
  if ((sums?.cars ?? 0) === 0 && rows.length === 0) return '';
  return [
    list,
    line(`${word('departures')} ${days}`, word('cars'), word('money')),
    ...(sums === null
      ? []
      : [
          count(`  ${word('fees')}`, sums.cars, sums.fees),
          count(`  ${word('collected')}`, sums.cars - owing.length, sums.collected),
        ]),
    count(`  ${word('uncollected')}`, owing.length, due),
    ...(due > 0 ? [count(`      ${word('settled')}`, owing.length - open.length, (due - rest) as Fen)] : []),
    ...(due > 0 ? [count(`      ${word('open')}`, open.length, rest)] : []),
  ].join('');
}

function rowText({ line, zone }: LetGoRow, language: Language): string {
  const { at, lane, vehicle, visit, why, due, settledBy, place } = line;
  const cells = [
    formatLocal(at, zone),
    pad(printable(lane ?? '-'), 6),
    pad(printable(vehicle ?? '-'), 9),
    pad(visit === null ? '?' : yuan(due), -9),
    whyText(line, language),
    ...(why === 'operator' && visit === null ? [DEPARTURES.unknown[language]] : []),
    ...(visit === null ? [] : [`visit=${printable(visit)}`]),
    `park=${printable(line.park)}`,
    place,
  ];
  const later = settledBy.map((order) => {
    const { orderNo, amount, deduction } = order;
    const coupon = deduction > 0 ? ` + ${yuan(deduction)}` : '';
    return `      ← ${formatLocal(order.at, zone)} ${withoutControls(orderNo)} ${yuan(amount)}${coupon}\n`;
  });
  return `  ${cells.join(' ')}\n${later.join('')}`;
}

function whyText({ why, reason, by }: LetGoLine, language: Language): string {
  const told = reason === null ? '' : ` "${printable(reason)}"${by === null ? '' : ` (${printable(by)})`}`;
  return `${WHYS[why][language]}${told}`;
}

/** The first line of the CSV. */
export function letGoHead(language: Language): string {
  return csvLine(Object.values(LET_GO_COLUMNS).map((phrase) => phrase[language]));
}

/** A vehicle as a line of the CSV, with the orders that paid for it in one cell. */
export function letGoCsv({ line, day, zone }: LetGoRow, language: Language): string {
  const cells: Readonly<Record<LetGoColumn, string>> = {
    day,
    park: line.park,
    left: formatLocal(line.at, zone),
    lane: line.lane ?? '',
    vehicle: verbatim(line.vehicle),
    why: WHYS[line.why][language],
    reason: verbatim(line.reason),
    by: verbatim(line.by),
    due: plainYuan(line.due),
    dueFen: String(line.due),
    open: plainYuan(line.open),
    openFen: String(line.open),
    orders: verbatim(line.settledBy.length === 0 ? null : line.settledBy.map(({ orderNo }) => orderNo).join(' ')),
    visit: verbatim(line.visit),
    place: line.place,
  };
  return csvLine((Object.keys(LET_GO_COLUMNS) as LetGoColumn[]).map((column) => cells[column]));
}

/** A `letGo` line for each vehicle, and one of `departures`. */
export function departuresJson({ rows, sums }: Departed, days: string): string {
  const lines = rows.map(({ line, day, zone }) =>
    JSON.stringify({ type: 'letGo', day, left: formatLocal(line.at, zone), ...line }),
  );
  const due = rows.reduce((sum, { line }) => add(sum, line.due), ZERO);
  const open = rows.reduce((sum, { line }) => add(sum, line.open), ZERO);
  const known = sums ?? { cars: null, fees: null, collected: null };
  const figures = { ...known, uncollected: due, settled: due - open, open };
  return `${[...lines, JSON.stringify({ type: 'departures', asked: days, ...figures })].join('\n')}\n`;
}
