/** `gatepost fee`: what a stay costs and why; `fee lint`: what is wrong with a sheet; `fee table`: its fee as a chart. */
import { writeFile } from 'node:fs/promises';
import { problemText } from '../config/tariff/problems.ts';
import { fen } from '../core/money.ts';
import { calendarHorizon } from '../core/tariff/calendar.ts';
import { compileTariff } from '../core/tariff/compile.ts';
import type { Coupon } from '../core/tariff/coupons.ts';
import { bilingualLabel, labelOf, lengthText, moneyText, reckoningOf, summarise } from '../core/tariff/describe.ts';
import { type Quote, quote } from '../core/tariff/quote.ts';
import { usesCalendar } from '../core/tariff/sheet.ts';
import type { FeeItem, ParkTariff } from '../core/tariff/tariff.ts';
import { formatLocal, type Instant, instant, wholeMinutes, type Zone } from '../core/time.ts';
import { chartHtml, chartSvg, chartText, curveOf } from './fee-chart.ts';
import {
  type FeeValues,
  parseFee,
  readCalendar,
  readCount,
  readMoment,
  readSheets,
  readZone,
  UsageError,
} from './fee-options.ts';

export const FEE_HELP = `gatepost fee --tariff FILE --in "2026-11-22 10:00:00" --out "2026-11-22 12:30:00"
  --tariff FILE       the price sheet; again for further versions
  --class NAME        a class of the sheet
  --free-minutes N    a coupon of free minutes; may be given again
  --free-amount FEN   a coupon of an amount in 分; may be given again
  --paid-at TIME --paid FEN   a payment, in 分
  --lost-ticket       the ticket was lost
  --earlier IN/OUT    an earlier stay of the same car; may be given again
  --zone ZONE         default Asia/Shanghai
  --holidays FILE     further years of holidays
  --lang zh|en        one language; default both
  --full              every line, not the compact form
  --json              for machines; amounts in 分
gatepost fee lint FILE...                                  what is wrong with a sheet
gatepost fee table FILE [--in TIME] [--svg FILE] [--html FILE] [--class NAME]   the fee over a day and a week`;

type Print = (text: string) => void;

/** A day in the table, if no entry is given: a plain Monday morning. */
const TABLE_ENTRY = '2026-11-23 08:00:00';

async function tariffFrom(
  files: readonly string[],
  values: FeeValues,
  zone: Zone,
  err: Print,
): Promise<ParkTariff | null> {
  if (files.length === 0) throw new UsageError('--tariff is missing; write --tariff FILE');
  const calendar = await readCalendar(values.holidays);
  const { versions, problems } = await readSheets(files, zone);
  for (const problem of problems) err(problemText(problem));
  if (versions.length === 0 || problems.some((problem) => problem.severity === 'error')) return null;
  const tariff = compileTariff(versions, calendar, zone);
  const name = values.class;
  if (name === undefined) return tariff;
  if (!tariff.classes.includes(name)) {
    const known = tariff.classes.length === 0 ? 'it has none' : `it has ${tariff.classes.join(', ')}`;
    throw new UsageError(`--class "${name}" is no class of the sheet; ${known}`);
  }
  return tariff.forClass(name);
}

function couponsOf(order: readonly { readonly name: string; readonly value: string }[]): Coupon[] {
  return order.flatMap(({ name, value }): Coupon[] => {
    if (name === 'free-minutes') return [{ kind: 'minutes', minutes: readCount('--free-minutes', value) }];
    if (name === 'free-amount') return [{ kind: 'amount', amount: fen(readCount('--free-amount', value)) }];
    return [];
  });
}

function stayOf(text: string, zone: Zone) {
  const [from, to] = text.split('/').map((part) => readMoment('--earlier', part.trim(), zone));
  if (from === undefined || to === undefined || to < from) {
    throw new UsageError(`--earlier "${text}" is no stay; write "2026-11-22 08:00:00/2026-11-22 09:00:00"`);
  }
  return { from, to };
}

function asJson(
  result: Quote,
  items: readonly FeeItem[],
  values: FeeValues,
  from: Instant,
  to: Instant,
  zone: Zone,
): string {
  const { sheet } = result;
  return JSON.stringify(
    {
      sheet: { name: sheet.name, version: sheet.version, currency: sheet.currency },
      class: values.class ?? null,
      zone: zone.name,
      in: formatLocal(from, zone),
      out: formatLocal(to, zone),
      parkingMinutes: wholeMinutes(from, to),
      totalAmount: result.totalAmount,
      deductionAmount: result.deductionAmount,
      paidAmount: result.paidAmount,
      payableAmount: result.payableAmount,
      items: items.map((item) => ({
        kind: item.kind,
        name: item.name ?? null,
        from: formatLocal(item.from, zone),
        to: formatLocal(item.to, zone),
        units: item.units,
        unitPrice: item.unitPrice,
        unitSeconds: item.seconds ?? null,
        amount: item.amount,
        zh: labelOf(item, 'zh'),
        en: labelOf(item, 'en'),
      })),
    },
    null,
    2,
  );
}

/** Columns that a terminal gives a text: two for a Chinese letter. */
function columns(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter >= '\u2e80' && letter < '\uffe0' ? 2 : 1), 0);
}

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));

function bilingual(languages: readonly ('zh' | 'en')[], word: (language: 'zh' | 'en') => string): string {
  return [...new Set(languages.map(word))].join(' ');
}

/** From–to of a line: the date is said once for times of one day. */
function spanText(item: FeeItem, zone: Zone): string {
  const from = formatLocal(item.from, zone);
  const to = formatLocal(item.to, zone);
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} – ${to.slice(11)}` : `${from} – ${to}`;
}

function asText(
  result: Quote,
  items: readonly FeeItem[],
  languages: readonly ('zh' | 'en')[],
  from: Instant,
  to: Instant,
  zone: Zone,
): string {
  const { currency } = result.sheet;
  const reckoning = languages.includes('en') ? 'en' : 'zh';
  const rows = items.map((item) => [
    spanText(item, zone),
    languages.length > 1 ? bilingualLabel(item) : bilingual(languages, (language) => labelOf(item, language)),
    reckoningOf(item, reckoning, currency),
    item.kind === 'sheet' || item.kind === 'calendar' ? '' : moneyText(item.amount, currency),
  ]);
  const widths = [0, 1, 2].map((index) => Math.max(0, ...rows.map((row) => columns(row[index] ?? ''))));
  const body = rows.map((row) => `  ${row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  ')}`.trimEnd());
  const length = bilingual(languages, (language) =>
    lengthText(Math.floor(to / 1000) - Math.floor(from / 1000), language),
  );
  const totals: readonly (readonly [string, string, number])[] = [
    ['应收', 'total', result.totalAmount],
    ...(result.deductionAmount > 0 ? [['优惠', 'deduction', result.deductionAmount] as const] : []),
    ...(result.paidAmount > 0 ? [['已付', 'paid', result.paidAmount] as const] : []),
    ['待付', 'to pay', result.payableAmount],
  ];
  const sums = totals.map(([zh, en, amount]) => {
    const label = bilingual(languages, (language) => (language === 'zh' ? zh : en));
    return `  ${pad(label, 16)}${moneyText(amount, currency)}`;
  });
  return [`${formatLocal(from, zone)} – ${formatLocal(to, zone)}  ${length}`, ...body, '', ...sums].join('\n');
}

async function price(argv: readonly string[], out: Print, err: Print): Promise<number> {
  const { values, positionals, order } = parseFee(argv);
  if (values.help) {
    out(FEE_HELP);
    return 0;
  }
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not understood; see gatepost fee --help`);
  const zone = readZone(values.zone);
  const from = readMoment('--in', values.in, zone);
  const to = readMoment('--out', values.out, zone);
  if (to < from) throw new UsageError(`--out ${values.out} is before --in ${values.in}`);
  const { lang } = values;
  if (lang !== undefined && lang !== 'zh' && lang !== 'en')
    throw new UsageError(`--lang "${lang}" is not known; write zh or en`);
  if ((values.paid === undefined) !== (values['paid-at'] === undefined))
    throw new UsageError('--paid and --paid-at belong together');
  const tariff = await tariffFrom(values.tariff ?? [], values, zone, err);
  if (!tariff) return 1;
  const lostTicket = values['lost-ticket'] === true;
  if (lostTicket && tariff.termsAt(from).lostTicket === null) {
    throw new UsageError('--lost-ticket: the sheet has no "lostTicket"');
  }
  const paidAt = values.paid === undefined ? null : readMoment('--paid-at', values['paid-at'], zone);
  if (paidAt !== null && (paidAt < from || paidAt > to))
    throw new UsageError('--paid-at is not between --in and --out');
  const payment = paidAt === null ? null : { at: paidAt, amount: fen(readCount('--paid', values.paid ?? '')) };
  const earlier = (values.earlier ?? []).map((text) => stayOf(text, zone)).sort((a, b) => a.from - b.from);
  const result = quote(tariff, { from, to, earlier, coupons: couponsOf(order), payment, lostTicket });
  const items = values.full || values.json ? result.items : summarise(result.items);
  const languages: readonly ('zh' | 'en')[] = lang === undefined ? ['zh', 'en'] : [lang];
  out(values.json ? asJson(result, items, values, from, to, zone) : asText(result, items, languages, from, to, zone));
  return 0;
}

async function lint(argv: readonly string[], out: Print, now: Instant): Promise<number> {
  const { values, positionals } = parseFee(argv);
  if (positionals.length === 0) throw new UsageError('name the file: gatepost fee lint FILE');
  const zone = readZone(values.zone);
  const calendar = await readCalendar(values.holidays);
  // Each file is looked at by itself: versions of one sheet in several files meet when they are loaded together.
  const horizon = calendarHorizon(calendar, now, zone);
  let errors = 0;
  let warnings = 0;
  for (const file of positionals) {
    const { versions, problems } = await readSheets([file], zone);
    for (const problem of problems) out(problemText(problem));
    const wrong = problems.filter((problem) => problem.severity === 'error').length;
    errors += wrong;
    warnings += problems.length - wrong;
    const asks = versions.some(({ sheet, classes }) => [sheet, ...classes.values()].some(usesCalendar));
    if (!asks || !horizon.due) continue;
    warnings += 1;
    out(
      `${file}: warning the sheet asks for holidays, and those of ${horizon.missing} are not known; it begins in ` +
        `${horizon.daysLeft} days. Fix: write them to a holiday file as soon as they are announced (--holidays FILE)`,
    );
  }
  out(`${positionals.length} file(s), ${errors} error(s), ${warnings} warning(s)`);
  return errors > 0 ? 1 : 0;
}

async function table(argv: readonly string[], out: Print, err: Print): Promise<number> {
  const { values, positionals } = parseFee(argv);
  const zone = readZone(values.zone);
  const tariff = await tariffFrom([...positionals, ...(values.tariff ?? [])], values, zone, err);
  if (!tariff) return 1;
  const from = readMoment('--in', values.in ?? TABLE_ENTRY, zone);
  const curves = [curveOf(tariff, from, 24 * 60, 1), curveOf(tariff, from, 7 * 24 * 60, 15)];
  const { currency, name, version } = tariff.sheetAt(from);
  const title = `${name} ${version}${values.class === undefined ? '' : ` · ${values.class}`}`;
  if (values.svg !== undefined) await writeFile(values.svg, chartSvg(curves, title, currency, zone));
  if (values.html !== undefined) await writeFile(values.html, chartHtml(curves, title, currency, zone));
  if (values.svg === undefined && values.html === undefined) out(chartText(curves, title, currency, zone));
  for (const file of [values.svg, values.html]) if (file !== undefined) out(`wrote ${file}`);
  return 0;
}

/**
 * Runs `gatepost fee …`.
 * @param argv what follows `fee`.
 * @returns the exit status: 0 done, 1 the sheet has errors, 2 the command was not understood.
 */
export async function feeCommand(argv: readonly string[], out: Print, err: Print): Promise<number> {
  const [word, ...rest] = argv;
  try {
    if (word === 'lint') return await lint(rest, out, instant(Date.now()));
    if (word === 'table') return await table(rest, out, err);
    return await price(argv, out, err);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err(`gatepost fee: ${error.message}`);
    return 2;
  }
}
