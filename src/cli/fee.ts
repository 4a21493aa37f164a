/** `gatepost fee`: what a stay costs and why; `fee lint`: what is wrong with a sheet; `fee table`: its fee as a chart. */

import { writeFile } from 'node:fs/promises';
import { systemClock } from '../clock.ts';
import { loadTariff } from '../config/tariff/park.ts';
import { problemText } from '../config/tariff/problems.ts';
import type { Language, Sentence } from '../core/errors.ts';
import { type Fen, fen } from '../core/money.ts';
import { fill } from '../core/sentence.ts';
import { calendarHorizon } from '../core/tariff/calendar.ts';
import type { Coupon } from '../core/tariff/coupons.ts';
import { summarise } from '../core/tariff/describe.ts';
import { quote } from '../core/tariff/quote.ts';
import type { Tariff } from '../core/tariff/tariff.ts';
import type { Instant, Zone } from '../core/time.ts';
import { chartHtml, chartSvg, chartText, curveOf } from './fee-chart.ts';
import { type FeeValues, parseFee, readHolidayFile, readStayMoment, readTextFile, whyOf } from './fee-options.ts';
import { asJson, asText } from './fee-text.ts';
import { readCount, readLanguage, readZone } from './options.ts';
import { say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `gatepost fee --tariff FILE --in "2026-11-22 10:00:00" --out "2026-11-22 12:30:00"
  --tariff FILE       价格表；有几个版本时可重复
  --class NAME        价格表中的一种车型
  --free-minutes N    免费若干分钟的优惠；可重复
  --free-amount FEN   减免金额的优惠，以分为单位；可重复
  --paid-at TIME --paid FEN   一笔付款，以分为单位
  --lost-ticket       遗失票卡
  --earlier IN/OUT    同一辆车此前的一次停车；可重复
  --zone ZONE         默认 Asia/Shanghai
  --holidays FILE     更多年份的节假日
  --language zh|en    只用一种语言；默认两种都有
  --full              显示每一行，不合并
  --json              供程序使用；金额以分为单位
gatepost fee lint FILE...                                  检查价格表有什么问题
gatepost fee table FILE [--in TIME] [--svg FILE] [--html FILE] [--class NAME]   一天和一周的价格图
`,
  en: `gatepost fee --tariff FILE --in "2026-11-22 10:00:00" --out "2026-11-22 12:30:00"
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
gatepost fee table FILE [--in TIME] [--svg FILE] [--html FILE] [--class NAME]   the fee over a day and a week
`,
};

type Print = (text: string) => void;

/** A day in the table, if no entry is given: a plain Monday morning. */
const TABLE_ENTRY = '2026-11-23 08:00:00';

async function tariffFrom(
  files: readonly string[],
  values: FeeValues,
  zone: Zone,
  terminal: Terminal,
): Promise<Tariff | null> {
  if (files.length === 0)
    throw new UsageError({
      zh: '缺少 --tariff；请写 --tariff FILE',
      en: '--tariff is missing; write --tariff FILE',
    });
  const sheets = await Promise.all(files.map(readTextFile));
  const { tariff, problems } = loadTariff(sheets, await readHolidayFile(values.holidays), zone);
  const language = languageFor(values, terminal);
  for (const problem of problems) terminal.err(`${problemText(problem, language)}\n`);
  if (!tariff) return null;
  const name = values.class;
  if (name === undefined) return tariff;
  if (!tariff.classes.includes(name)) {
    const list = tariff.classes.join(', ');
    throw new UsageError({
      zh: `--class "${name}" 不是价格表中的车型；${list === '' ? '它没有车型' : `现有：${list}`}`,
      en: `--class "${name}" is no class of the sheet; it has ${list === '' ? 'none' : list}`,
    });
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
    throw new UsageError({
      zh: `--earlier "${text}" 不是一次停车；请写 "2026-11-22 08:00:00/2026-11-22 09:00:00"`,
      en: `--earlier "${text}" is no stay; write "2026-11-22 08:00:00/2026-11-22 09:00:00"`,
    });
  }
  return { from, to };
}

function paymentOf(values: FeeValues, from: Instant, to: Instant, zone: Zone): { at: Instant; amount: Fen } | null {
  const at = values['paid-at'];
  const { paid } = values;
  if (paid === undefined && at === undefined) return null;
  if (paid === undefined || at === undefined)
    throw new UsageError({ zh: '--paid 和 --paid-at 要一起写', en: '--paid and --paid-at belong together' });
  const moment = readStayMoment('--paid-at', at, zone);
  if (moment < from || moment > to)
    throw new UsageError({
      zh: `--paid-at ${at} 不在 --in 和 --out 之间`,
      en: `--paid-at ${at} is not between --in and --out`,
    });
  return { at: moment, amount: fen(readCount('--paid', paid, 0)) };
}

async function price(argv: readonly string[], out: Print, terminal: Terminal): Promise<number> {
  const { values, positionals, order } = parseFee(argv);
  if (positionals.length > 0)
    throw new UsageError({
      zh: `"${positionals[0]}" 无法识别；请看 gatepost fee --help`,
      en: `"${positionals[0]}" is not understood; see gatepost fee --help`,
    });
  const zone = readZone(values.zone, null);
  const from = readStayMoment('--in', values.in, zone);
  const to = readStayMoment('--out', values.out, zone);
  if (to < from)
    throw new UsageError({
      zh: `--out ${values.out} 早于 --in ${values.in}`,
      en: `--out ${values.out} is before --in ${values.in}`,
    });
  const languages = values.language === undefined ? (['zh', 'en'] as const) : [readLanguage(values.language)];
  const tariff = await tariffFrom(values.tariff ?? [], values, zone, terminal);
  if (!tariff) return 1;
  const lostTicket = values['lost-ticket'] === true;
  if (lostTicket && tariff.termsAt(from).lostTicket === null) {
    throw new UsageError({
      zh: '--lost-ticket：价格表没有 "lostTicket"',
      en: '--lost-ticket: the sheet has no "lostTicket"',
    });
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
  if (positionals.length === 0)
    throw new UsageError({
      zh: '请写文件：gatepost fee lint FILE',
      en: 'name the file: gatepost fee lint FILE',
    });
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
    const { missing, daysLeft } = horizon;
    const due = {
      zh: `${file}：警告：价格表用到节假日，而 ${missing} 年的还没有；离那一年还有 ${daysLeft} 天。改正：公布后写入节假日文件（--holidays FILE）`,
      en:
        `${file}: warning the sheet asks for holidays, and those of ${missing} are not known; it begins in ` +
        `${daysLeft} days. Fix: write them to a holiday file as soon as they are announced (--holidays FILE)`,
    };
    out(due[language]);
  }
  const files = positionals.length;
  const sums = {
    zh: `文件 ${files} 个，错误 ${errors} 个，警告 ${warnings} 个`,
    en: `${files} file(s), ${errors} error(s), ${warnings} warning(s)`,
  };
  out(sums[language]);
  return errors > 0 ? 1 : 0;
}

async function writeChart(file: string, text: string, terminal: Terminal): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(
      fill({ zh: '{file} 无法写入：{why}', en: '{file} cannot be written: {why}' }, { file, why: whyOf(error) }),
    );
  }
  terminal.out(`${say(terminal, { zh: `已写 ${file}`, en: `wrote ${file}` })}\n`);
}

async function table(argv: readonly string[], out: Print, terminal: Terminal): Promise<number> {
  const { values, positionals } = parseFee(argv);
  const language = languageFor(values, terminal);
  const to = { ...terminal, language };
  const zone = readZone(values.zone, null);
  const tariff = await tariffFrom([...positionals, ...(values.tariff ?? [])], values, zone, terminal);
  if (!tariff) return 1;
  const from = readStayMoment('--in', values.in ?? TABLE_ENTRY, zone);
  const curves = [curveOf(tariff, from, 24 * 60, 1), curveOf(tariff, from, 7 * 24 * 60, 15)];
  const { currency, name, version } = tariff.sheetAt(from);
  const title = `${name} ${version}${values.class === undefined ? '' : ` · ${values.class}`}`;
  const { svg, html } = values;
  if (svg !== undefined) await writeChart(svg, chartSvg(curves, title, currency, zone), to);
  if (html !== undefined) await writeChart(html, chartHtml(curves, title, currency, zone), to);
  if (svg === undefined && html === undefined) out(chartText(curves, title, currency, zone, language));
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
    terminal.out(say(terminal, HELP));
    return 0;
  }
  if (word === 'lint') return await lint(rest, out, terminal, systemClock.now());
  if (word === 'table') return await table(rest, out, terminal);
  return await price(args, out, terminal);
}
