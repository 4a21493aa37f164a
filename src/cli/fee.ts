/** `gatepost fee`: what a stay costs and why; `fee lint`: what is wrong with a sheet; `fee table`: its fee as a chart. */

import { writeFile } from 'node:fs/promises';
import { systemClock } from '../clock.ts';
import { loadTariff } from '../config/tariff/park.ts';
import { problemText } from '../config/tariff/problems.ts';
import type { Language } from '../core/errors.ts';
import { type Fen, fen } from '../core/money.ts';
import { calendarHorizon } from '../core/tariff/calendar.ts';
import type { Coupon } from '../core/tariff/coupons.ts';
import { summarise } from '../core/tariff/describe.ts';
import { quote } from '../core/tariff/quote.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import type { Instant, Zone } from '../core/time.ts';
import { chartHtml, chartSvg, chartText, curveOf } from './fee-chart.ts';
import { type FeeValues, parseFee, readHolidayFile, readStayMoment, readTextFile } from './fee-options.ts';
import { asJson, asText } from './fee-text.ts';
import { readCount, readLanguage, readZone } from './options.ts';
import { type Terminal, UsageError } from './terminal.ts';

const HELP = `gatepost fee --tariff FILE --in "2026-11-22 10:00:00" --out "2026-11-22 12:30:00"
  --tariff FILE       the price sheet; again for further versions
  --class NAME        a class of the sheet
  --free-minutes N    a coupon of free minutes; may be given again
  --free-amount FEN   a coupon of an amount in 分; may be given again
  --paid-at TIME --paid FEN   a payment, in 分
  --lost-ticket       the ticket was lost
  --earlier IN/OUT    an earlier stay of the same car; may be given again
  --zone ZONE         default Asia/Shanghai
  --holidays FILE     further years of holidays
  --language zh|en    one language; default both
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
  terminal: Terminal,
): Promise<Tariff | null> {
  if (files.length === 0) throw new UsageError('--tariff is missing; write --tariff FILE');
  const sheets = await Promise.all(files.map(readTextFile));
  const { tariff, problems } = loadTariff(sheets, await readHolidayFile(values.holidays), zone);
  const language = languageFor(values, terminal);
  for (const problem of problems) terminal.err(`${problemText(problem, language)}\n`);
  if (!tariff) return null;
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
    if (name === 'free-minutes') return [{ kind: 'minutes', minutes: readCount('--free-minutes', value, 0) }];
    if (name === 'free-amount') return [{ kind: 'amount', amount: fen(readCount('--free-amount', value, 0)) }];
    return [];
  });
}

function stayOf(text: string, zone: Zone) {
  const [from, to] = text.split('/').map((part) => readStayMoment('--earlier', part.trim(), zone));
  if (from === undefined || to === undefined || to < from) {
    throw new UsageError(`--earlier "${text}" is no stay; write "2026-11-22 08:00:00/2026-11-22 09:00:00"`);
  }
  return { from, to };
}

function paymentOf(values: FeeValues, from: Instant, to: Instant, zone: Zone): { at: Instant; amount: Fen } | null {
  const at = values['paid-at'];
  const { paid } = values;
  if (paid === undefined && at === undefined) return null;
  if (paid === undefined || at === undefined) throw new UsageError('--paid and --paid-at belong together');
  const moment = readStayMoment('--paid-at', at, zone);
  if (moment < from || moment > to) throw new UsageError(`--paid-at ${at} is not between --in and --out`);
  return { at: moment, amount: fen(readCount('--paid', paid, 0)) };
}

async function price(argv: readonly string[], out: Print, terminal: Terminal): Promise<number> {
  const { values, positionals, order } = parseFee(argv);
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not understood; see gatepost fee --help`);
  const zone = readZone(values.zone, null);
  const from = readStayMoment('--in', values.in, zone);
  const to = readStayMoment('--out', values.out, zone);
  if (to < from) throw new UsageError(`--out ${values.out} is before --in ${values.in}`);
  const languages = values.language === undefined ? (['zh', 'en'] as const) : [readLanguage(values.language)];
  const tariff = await tariffFrom(values.tariff ?? [], values, zone, terminal);
  if (!tariff) return 1;
  const lostTicket = values['lost-ticket'] === true;
  if (lostTicket && tariff.termsAt(from).lostTicket === null) {
    throw new UsageError('--lost-ticket: the sheet has no "lostTicket"');
  }
  const payment = paymentOf(values, from, to, zone);
  const earlier = (values.earlier ?? []).map((text) => stayOf(text, zone)).sort((a, b) => a.from - b.from);
  const result = quote(tariff, { from, to, earlier, coupons: couponsOf(order), payment, lostTicket });
  const items = values.full || values.json ? result.items : summarise(result.items);
  out(values.json ? asJson(result, items, values, from, to, zone) : asText(result, items, languages, from, to, zone));
  return 0;
}

/** Of what is wrong with a sheet: one that is asked for, or the person's. */
function languageFor({ language }: FeeValues, terminal: Terminal): Language {
  return language === undefined ? terminal.language : readLanguage(language);
}

async function lint(argv: readonly string[], out: Print, terminal: Terminal, now: Instant): Promise<number> {
  const { values, positionals } = parseFee(argv);
  const language = languageFor(values, terminal);
  if (positionals.length === 0) throw new UsageError('name the file: gatepost fee lint FILE');
  const zone = readZone(values.zone, null);
  const holidays = await readHolidayFile(values.holidays);
  let errors = 0;
  let warnings = 0;
  // Each file is looked at by itself: versions of one sheet in several files meet when they are loaded together.
  for (const file of positionals) {
    const { tariff, calendar, problems } = loadTariff([await readTextFile(file)], holidays, zone);
    for (const problem of problems) out(problemText(problem, language));
    const wrong = problems.filter((problem) => problem.severity === 'error').length;
    errors += wrong;
    warnings += problems.length - wrong;
    const horizon = calendarHorizon(calendar, now, zone);
    if (!tariff?.usesCalendar || !horizon.due) continue;
    warnings += 1;
    out(
      `${file}: warning the sheet asks for holidays, and those of ${horizon.missing} are not known; it begins in ` +
        `${horizon.daysLeft} days. Fix: write them to a holiday file as soon as they are announced (--holidays FILE)`,
    );
  }
  out(`${positionals.length} file(s), ${errors} error(s), ${warnings} warning(s)`);
  return errors > 0 ? 1 : 0;
}

async function writeChart(file: string, text: string, out: Print): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  out(`wrote ${file}`);
}

async function table(argv: readonly string[], out: Print, terminal: Terminal): Promise<number> {
  const { values, positionals } = parseFee(argv);
  const zone = readZone(values.zone, null);
  const tariff = await tariffFrom([...positionals, ...(values.tariff ?? [])], values, zone, terminal);
  if (!tariff) return 1;
  const from = readStayMoment('--in', values.in ?? TABLE_ENTRY, zone);
  const curves = [curveOf(tariff, from, 24 * 60, 1), curveOf(tariff, from, 7 * 24 * 60, 15)];
  const { currency, name, version } = tariff.sheetAt(from);
  const title = `${name} ${version}${values.class === undefined ? '' : ` · ${values.class}`}`;
  const { svg, html } = values;
  if (svg !== undefined) await writeChart(svg, chartSvg(curves, title, currency, zone), out);
  if (html !== undefined) await writeChart(html, chartHtml(curves, title, currency, zone), out);
  if (svg === undefined && html === undefined) out(chartText(curves, title, currency, zone));
  return 0;
}

/**
 * Runs `gatepost fee …`.
 * @returns 0 done, 1 the sheet has errors.
 * @throws UsageError when the command was not understood.
 */
export async function feeCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = args;
  const out = (text: string): void => terminal.out(`${text}\n`);
  if (args.includes('--help') || args.includes('-h')) {
    out(HELP);
    return 0;
  }
  if (word === 'lint') return await lint(rest, out, terminal, systemClock.now());
  if (word === 'table') return await table(rest, out, terminal);
  return await price(args, out, terminal);
}
