/** Payment lines as text, CSV or JSON. Pure: what is returned is written by the command. */
import { yuan } from '../core/money.ts';
import { formatLocal, type Instant, MINUTE, type Zone } from '../core/time.ts';
import { printable, withoutControls } from '../ops/log.ts';
import { creditOf, type PaymentLine } from '../reports/payment-line.ts';
import type { Totals } from '../reports/payment-totals.ts';
import { pad } from '../text-width.ts';
import { BYTE_ORDER_MARK, csvLine, plainYuan, verbatim } from './payments-csv.ts';
import { type Departed, departuresJson, departuresText, letGoCsv, letGoHead } from './payments-departures.ts';
import { type TotalsOptions, totalsText } from './payments-totals.ts';
import { COLUMNS, type Column, channelName, STATUSES, typeName } from './payments-words.ts';

/** A line with what only the report knows. */
export interface PaymentRow {
  readonly line: PaymentLine;
  /** The day that it is counted to, `yyyy-MM-dd`. */
  readonly day: string;
  /** The zone of the line's park. */
  readonly zone: Zone;
  /** The place of the earlier notice, for nobody's visit, that this one takes the place of. */
  readonly replaces: string | null;
}

export interface OutputOptions extends TotalsOptions {
  /** Only the vehicles that were let go, no payments. */
  readonly uncollected: boolean;
  /** Whether phone numbers are shown whole. */
  readonly phones: boolean;
}

/** One way to print a report. Every text ends its own line. */
export interface Output {
  readonly head: string;
  row(row: PaymentRow): string;
  /** After the payments, unless only departures are asked for: see `departed`. */
  totals(totals: Totals): Told;
  departed(departed: Departed): Told;
}

/** `aside` does not belong into the file that a person makes of the rest. */
interface Told {
  readonly text: string;
  readonly aside: string;
}

export type Format = 'text' | 'csv' | 'json';

export const OUTPUTS: Readonly<Record<Format, (options: OutputOptions) => Output>> = {
  text: textOutput,
  csv: csvOutput,
  json: jsonOutput,
};

/** A phone number without its middle: `138****1234`; what is too short for that is hidden whole. */
function masked(mobile: string | null, phones: boolean): string | null {
  if (mobile === null || phones) return mobile;
  return mobile.length > 7 ? `${mobile.slice(0, 3)}****${mobile.slice(-4)}` : '****';
}

function localOf(at: Instant | null, zone: Zone): string {
  return at === null ? '' : formatLocal(at, zone);
}

/** A notice comes within seconds; one whose `payTime` is further off, in ms, shows it. */
const LATE = 2 * MINUTE;

function isLate({ at, payTime }: PaymentLine): boolean {
  return payTime !== null && Math.abs(at - payTime) > LATE;
}

const WIDTHS = { arrived: 19, order: 20, vehicle: 9, amount: 9, deduction: 9, method: 19, credited: 9 } as const;

function textOutput(options: OutputOptions): Output {
  const { language, phones } = options;
  const name = (column: Column): string => COLUMNS[column][language];
  const cells = (values: Readonly<Record<keyof typeof WIDTHS, string>>, rest: readonly string[]): string =>
    `${[
      pad(values.arrived, WIDTHS.arrived),
      pad(values.order, WIDTHS.order),
      pad(values.vehicle, WIDTHS.vehicle),
      pad(values.amount, -WIDTHS.amount),
      pad(values.deduction, -WIDTHS.deduction),
      pad(values.method, WIDTHS.method),
      pad(values.credited, -WIDTHS.credited),
      ...rest.filter((text) => text !== ''),
    ].join(' ')}\n`;
  const head = {
    arrived: name('arrived'),
    order: name('order'),
    vehicle: name('vehicle'),
    amount: name('amount'),
    deduction: name('deduction'),
    method: `${name('channel')}, ${name('type')}`,
    credited: name('credited'),
  };
  return {
    head: options.uncollected ? '' : cells(head, [`${name('status')}, ${name('flags')}, ${name('place')}`]),
    row({ line, zone, replaces }) {
      const method = [channelName(line.payChannel, language), typeName(line.payType, language)];
      const mobile = masked(line.mobile, phones);
      const values = {
        arrived: formatLocal(line.at, zone),
        order: withoutControls(line.orderNo),
        vehicle: printable(line.vehicle ?? '-'),
        amount: yuan(line.amount),
        deduction: line.deduction === 0 ? '-' : yuan(line.deduction),
        method: method.filter((text) => text !== '').join(' ') || '-',
        credited: yuan(creditOf(line)),
      };
      return cells(values, [
        STATUSES[line.status][language],
        line.flags.length > 0 ? `[${line.flags.join(' ')}]` : '',
        line.visit === null ? '' : `visit=${printable(line.visit)}`,
        `park=${printable(line.park)}`,
        isLate(line) ? `paid=${localOf(line.payTime, zone)}` : '',
        mobile === null ? '' : `mobile=${withoutControls(mobile)}`,
        line.place,
        replaces === null ? '' : `← ${replaces}`,
      ]);
    },
    totals: (totals) => ({ text: `\n${totalsText(totals, options)}`, aside: '' }),
    departed(departed) {
      const text = departuresText(departed, options);
      return { text: text === '' || options.uncollected ? text : `\n${text}`, aside: '' };
    },
  };
}

/**
 * CSV by RFC 4180, for Excel: UTF-8 with a byte order mark, amounts in yuan and in 分. Numbers of orders, trades and
 * visits, and vehicles, begin with a tab, which Excel takes for text: it would round long numbers, and compute what
 * begins with `=`. The totals go aside.
 */
function csvOutput(options: OutputOptions): Output {
  const { language } = options;
  const names = Object.values(COLUMNS).map((phrase) => phrase[language]);
  return {
    head: `${BYTE_ORDER_MARK}${options.uncollected ? letGoHead(language) : csvLine(names)}`,
    row(row) {
      const cells = csvCells(row, options);
      return csvLine((Object.keys(COLUMNS) as Column[]).map((column) => cells[column]));
    },
    totals: (totals) => ({ text: '', aside: totalsText(totals, options) }),
    departed(departed) {
      const aside = departuresText(departed, options);
      if (!options.uncollected) return { text: '', aside: aside === '' ? '' : `\n${aside}` };
      return { text: departed.rows.map((row) => letGoCsv(row, language)).join(''), aside };
    },
  };
}

function csvCells(row: PaymentRow, { language, phones }: OutputOptions): Readonly<Record<Column, string>> {
  const { line, day, zone, replaces } = row;
  return {
    day,
    park: line.park,
    arrived: formatLocal(line.at, zone),
    paid: localOf(line.payTime, zone),
    order: verbatim(line.orderNo),
    trade: verbatim(line.thirdTradeNo),
    vehicle: verbatim(line.vehicle),
    amount: plainYuan(line.amount),
    amountFen: String(line.amount),
    deduction: plainYuan(line.deduction),
    deductionFen: String(line.deduction),
    channel: channelName(line.payChannel, language),
    type: typeName(line.payType, language),
    status: STATUSES[line.status][language],
    credited: plainYuan(creditOf(line)),
    creditedFen: String(creditOf(line)),
    flags: line.flags.join(' '),
    visit: verbatim(line.visit),
    mobile: verbatim(masked(line.mobile, phones)),
    place: line.place,
    replaces: replaces ?? '',
  };
}

/** JSON lines, amounts in 分: a `payment` for each notice, and `totals`; `letGo` for each vehicle, and `departures`. */
function jsonOutput({ phones, days, by }: OutputOptions): Output {
  return {
    head: '',
    row({ line, day, zone, replaces }) {
      const { at, payTime, mobile, ...rest } = line;
      const times = { arrived: formatLocal(at, zone), payTime: payTime === null ? null : formatLocal(payTime, zone) };
      const more = { credited: creditOf(line), mobile: masked(mobile, phones), replaces };
      return `${JSON.stringify({ type: 'payment', day, at, ...times, ...rest, ...more })}\n`;
    },
    totals(totals) {
      const named = {
        flags: Object.fromEntries(totals.flags),
        days: Object.fromEntries(totals.days),
        parks: Object.fromEntries(totals.parks),
      };
      return { text: `${JSON.stringify({ type: 'totals', asked: days, by, ...totals, ...named })}\n`, aside: '' };
    },
    departed: (departed) => ({ text: departuresJson(departed, days), aside: '' }),
  };
}
