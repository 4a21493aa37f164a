/** `gatepost payments`: what Mallcoo said was paid, what was credited, and what somebody must look at, day by day. */
import type { Sentence } from '../core/errors.ts';
import { saidBy } from '../core/sentence.ts';
import { formatLocal, parseLocal, type Zone, zoneOf } from '../core/time.ts';
import type { DayBy } from '../reports/payment-line.ts';
import { StoreError } from '../store/files.ts';
import { namedSource } from './journal-source.ts';
import { loadFile } from './load.ts';
import { readLanguage, readZone } from './options.ts';
import { type Format, OUTPUTS } from './payments-output.ts';
import { type Books, type Days, report } from './payments-report.ts';
import { notBoth, readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost payments WHERE --day 2026-11-22 [--to DAY] [选项]

某一天（或到 --to 为止的几天）的每条付款通知：内容、入账了多少、哪些需要人工核对、在日志账本的什么位置；然后是合计；
然后是未收费放行的车辆、原因、之后补缴了多少，以及当天离场车辆的应收合计。猫酷反复发送的同一条通知只算一条。
WHERE 是配置文件（.yaml）或数据文件夹。只读取，不加锁，网关运行时也可使用。

  --by arrival|pay-time   按什么算哪一天：通知到达的时间（默认），或车主支付的时间
  --park P                只看这个停车场
  --flagged               只列需要人工核对的通知；合计仍是全部的
  --uncollected           只列放行的车辆和离场合计
  --csv                   供 Excel；合计显示在终端：  gatepost payments … --csv > payments.csv
  --json                  每行一个 JSON，金额以分为单位
  --phones                显示完整手机号；否则为 138****1234
  --zone ZONE             日期和时间的时区：默认为各停车场自己的，或 Asia/Shanghai
  --language L            en 或 zh；默认按系统

日志账本已不在的日期取自归档：没有未入账的通知，也没有手机号。
退出码 0：完整；1：不完整或无法读取，并说明缺什么；2：命令写错。
`,
  en: `usage: gatepost payments WHERE --day 2026-11-22 [--to DAY] [options]

Every payment notice of a day (or of the days up to --to): what it said, what was credited, what somebody must look at, and
where it stands in the journal; then the sums; then the vehicles that were let go uncollected, why, and what came for them
since, and how the fees of the day's departures add up. A notice that Mallcoo sends again and again is one notice.
WHERE is a configuration file (.yaml) or a data folder. It only reads, takes no lock, and may be used while the gate runs.

  --by arrival|pay-time   what decides the day: when the notice arrived (default), or when the driver paid
  --park P                only this park
  --flagged               only the notices that somebody must look at; the sums stay those of all
  --uncollected           only the vehicles that were let go, and the departures' sums
  --csv                   for Excel; the sums go to the terminal:  gatepost payments … --csv > payments.csv
  --json                  JSON lines, amounts in 分
  --phones                phone numbers whole; otherwise 138****1234
  --zone ZONE             of the days and times: default each park's own, or Asia/Shanghai
  --language L            en or zh; default that of the system

Days whose journal is gone come from the archive: without what was not booked, and without phone numbers.
Exit code 0: complete; 1: not, or it could not be read, and what is missing is told; 2: called wrongly.
`,
};

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  day: { type: 'string' },
  to: { type: 'string' },
  by: { type: 'string', default: 'arrival' },
  park: { type: 'string' },
  flagged: { type: 'boolean', default: false },
  uncollected: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  phones: { type: 'boolean', default: false },
  zone: { type: 'string' },
  language: { type: 'string' },
} as const;

/**
 * Runs `gatepost payments …`.
 * @returns 0 complete; 1 something is missing or could not be read.
 * @throws UsageError when it was called wrongly.
 */
export async function paymentsCommand(args: readonly string[], plain: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    plain.out(say(plain, HELP));
    return 0;
  }
  const days = daysOf(values.day, values.to);
  const by = byOf(values.by);
  const language = readLanguage(values.language ?? plain.language);
  const terminal = { ...plain, language };
  if (values.csv && values.json) throw notBoth('--csv', '--json');
  const format: Format = values.csv ? 'csv' : values.json ? 'json' : 'text';
  const zone = values.zone === undefined ? null : readZone(values.zone, null);
  try {
    const books = await booksOf(positionals, zone, terminal);
    if (!books) return 1;
    const { park = null, flagged, uncollected, phones } = values;
    const asked = days.first === days.last ? days.first : `${days.first} – ${days.last}`;
    const output = OUTPUTS[format]({
      language,
      phones,
      uncollected,
      days: park === null ? asked : `${asked}, ${park}`,
      by,
    });
    return await report(books, { days, by, park, flagged, uncollected, output }, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    terminal.err(`gatepost payments: ${say(terminal, saidBy(error))}\n`);
    return 1;
  }
}

const UTC = zoneOf('UTC');

function daysOf(day: string | undefined, to: string | undefined): Days {
  if (day === undefined)
    throw new UsageError({
      zh: '缺少 --day；请写 --day 2026-11-22',
      en: '--day is missing; write --day 2026-11-22',
    });
  const first = readDay('--day', day);
  const last = to === undefined ? first : readDay('--to', to);
  if (last < first)
    throw new UsageError({ zh: `--to ${last} 早于 --day ${first}`, en: `--to ${last} is before --day ${first}` });
  return { first, last };
}

function readDay(option: string, text: string): string {
  const at = parseLocal(`${text.trim()} 00:00`, UTC);
  if (at === undefined)
    throw new UsageError({
      zh: `${option} "${text}" 不是日期；请写成 2026-11-22 这样`,
      en: `${option} "${text}" is no day; write it like 2026-11-22`,
    });
  return formatLocal(at, UTC).slice(0, 10);
}

function byOf(text: string): DayBy {
  if (text === 'arrival' || text === 'pay-time') return text;
  throw new UsageError({
    zh: `--by "${text}" 无法识别；请写 arrival 或 pay-time`,
    en: `--by "${text}" is not known; write arrival or pay-time`,
  });
}

async function booksOf(positionals: readonly string[], zone: Zone | null, terminal: Terminal): Promise<Books | null> {
  const [name = ''] = positionals;
  const config = /\.ya?ml$/i.test(name) ? await loadFile(name, terminal) : null;
  if (config === undefined) return null;
  const named = await namedSource(config ? [config.data, ...positionals.slice(1)] : positionals, terminal);
  if (!named) return null;
  const zones = new Map<string, Zone>(config?.parks.map((park) => [park.id, zone ?? zoneOf(park.zone)]));
  return { source: named.source, zones, zone: readZone(undefined, zone ?? zones.values().next().value ?? null) };
}
