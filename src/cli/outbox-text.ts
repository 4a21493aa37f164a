/** What waits for Mallcoo, as a table for a person. Nothing in it draws on the terminal, and phone numbers are masked. */
import type { Language } from '../core/errors.ts';
import { lengthText } from '../core/tariff/describe.ts';
import { formatLocal, type Instant, type Zone, zoneOf } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { fromUtc } from '../ops/moment.ts';
import type { DeadView, NoticeView, OutboxView, ParkOutbox } from '../ops/outbox-view.ts';
import { columns, pad } from '../text-width.ts';
import { quoted } from './archive-text.ts';
import { NOTICE_KINDS } from './journal-text.ts';

export interface OutboxTextOptions {
  readonly language: Language;
  /** For all parks; null: each in its own. */
  readonly zone: Zone | null;
  /** For a park whose zone is not known. */
  readonly standardZone: Zone;
  /** The configuration or address that was named, for the commands to go on with; null for none. */
  readonly where: string | null;
}

type Phrase = Readonly<Record<Language, string>>;

const WORDS = {
  park: { en: 'park', zh: '停车场' },
  id: { en: 'id', zh: '编号' },
  what: { en: 'what', zh: '类型' },
  vehicle: { en: 'vehicle', zh: '车辆' },
  at: { en: 'came or went at', zh: '进出场时间' },
  waits: { en: 'waits', zh: '已等待' },
  since: { en: 'given up at', zh: '停止发送时间' },
  said: { en: 'Mallcoo said', zh: '猫酷答复' },
  nothing: { en: 'nothing waits, no dead letters', zh: '没有待发送，也没有不再发送的通知' },
  untold: {
    en: 'no notices are configured (parks[].mallcoo.notices): Mallcoo is told nothing',
    zh: '未配置通知（parks[].mallcoo.notices），不会通知猫酷',
  },
  gaveUp: { en: 'given up: it could not be told for too long', zh: '长时间未能送达，已停止发送' },
} as const satisfies Readonly<Record<string, Phrase>>;

/** Each park's lists, the sums, and what to do next. */
export function outboxLines(view: OutboxView, options: OutboxTextOptions): readonly string[] {
  const now = fromUtc(view.now) ?? (0 as Instant);
  const parks = Object.entries(view.parks);
  const blocks = parks.flatMap(([id, park]) => [...parkLines(id, park, now, options), '']);
  const waiting = parks.reduce((sum, [, park]) => sum + park.waiting.total, 0);
  const dead = parks.reduce((sum, [, park]) => sum + park.dead.total, 0);
  const sums =
    options.language === 'zh' ? `共 ${waiting} 条待发送，${dead} 条不再发送` : `${waiting} wait, ${dead} dead`;
  return [...blocks, sums, ...hints(view, options)];
}

function parkLines(id: string, park: ParkOutbox, now: Instant, options: OutboxTextOptions): readonly string[] {
  const { language } = options;
  const { name, tells, waiting, dead } = park;
  const word = (key: keyof typeof WORDS): string => WORDS[key][language];
  const head = `${word('park')} ${printable(id)}${name === null ? '' : `  ${printable(name)}`}`;
  const quiet = tells !== null && !tells.entry && !tells.exit ? [`  ${word('untold')}`] : [];
  if (waiting.total + dead.total === 0) return [head, ...(quiet.length > 0 ? quiet : [`  ${word('nothing')}`])];
  const zone = options.zone ?? (park.zone === null ? options.standardZone : zoneOf(park.zone));
  return [head, ...quiet, ...waitingLines(park, zone, now, language), ...deadLines(park, zone, language)];
}

function waitingLines({ waiting }: ParkOutbox, zone: Zone, now: Instant, language: Language): readonly string[] {
  const { total, oldest, notices } = waiting;
  if (total === 0) return [];
  const longest = waitText(oldest, now, language);
  const head =
    language === 'zh' ? `${total} 条待发送，最早已等待 ${longest}` : `${total} wait, the oldest for ${longest}`;
  const names = ['id', 'what', 'vehicle', 'at', 'waits'] as const;
  const rows = notices.map((notice) => [...cells(notice, zone, language), waitText(notice.queuedAt, now, language)]);
  return [
    `  ${head}`,
    ...(notices.length === 0 ? [] : table(names, rows, language)),
    ...more(total, notices, language),
  ];
}

function deadLines({ dead }: ParkOutbox, zone: Zone, language: Language): readonly string[] {
  const { total, notices } = dead;
  if (total === 0) return [];
  const head = language === 'zh' ? `${total} 条不再发送` : `${total} dead: not sent again by themselves`;
  const names = ['id', 'what', 'vehicle', 'at', 'since', 'said'] as const;
  const rows = notices.map((letter) => [
    ...cells(letter, zone, language),
    localText(letter.since, zone),
    saidText(letter, language),
  ]);
  return [`  ${head}`, ...table(names, rows, language), ...more(total, notices, language)];
}

function cells({ id, kind, vehicle, visit, at }: NoticeView, zone: Zone, language: Language): readonly string[] {
  return [printable(id), NOTICE_KINDS[kind][language], printable(vehicle ?? visit), localText(at, zone)];
}

function saidText({ code, message }: DeadView, language: Language): string {
  if (code === 'gaveUp') return [WORDS.gaveUp[language], printable(message)].filter((text) => text !== '').join(': ');
  return `${printable(code)} ${printable(message)}`.trimEnd();
}

function localText(moment: string, zone: Zone): string {
  const at = fromUtc(moment);
  return at === undefined ? '-' : formatLocal(at, zone);
}

/** How long from a moment until now: to the second below a minute, then to the minute, from a day on to the hour. */
export function waitText(moment: string | null, now: Instant, language: Language): string {
  const at = fromUtc(moment);
  if (at === undefined) return '-';
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  const unit = seconds < 60 ? 1 : seconds < 86_400 ? 60 : 3600;
  return seconds === 0 ? lengthText(1, language) : lengthText(Math.floor(seconds / unit) * unit, language);
}

function table(names: readonly (keyof typeof WORDS)[], rows: readonly (readonly string[])[], language: Language) {
  const all = [names.map((name): string => WORDS[name][language]), ...rows];
  const widths = names.map((_, column) => Math.max(...all.map((row) => columns(row[column] ?? ''))));
  return all.map((row) => `    ${row.map((text, column) => pad(text, widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function more(total: number, shown: readonly unknown[], language: Language): readonly string[] {
  const left = total - shown.length;
  if (left === 0 || shown.length === 0) return [];
  return [language === 'zh' ? `    … 另有 ${left} 条（--limit N）` : `    … and ${left} more (--limit N)`];
}

const CAUSES: Readonly<Record<string, Phrase>> = {
  '1101': {
    en: '1101: Mallcoo does not know the car park: compare parks[].mallcoo.notices.parkCode with what it calls the park',
    zh: '1101：猫酷不认识该车场，请核对 parks[].mallcoo.notices.parkCode',
  },
  '2': {
    en: '2: Mallcoo does not take a field: its message says which; a plate may need plateEncoding: url',
    zh: '2：猫酷不接受某个参数，见其答复；车牌可能需要 plateEncoding: url',
  },
};

function hints({ parks }: OutboxView, { language, where }: OutboxTextOptions): readonly string[] {
  const letters = Object.values(parks).flatMap(({ dead }) => dead.notices);
  const [first] = letters;
  if (!first) return [];
  const codes = [...new Set(letters.map(({ code }) => code))];
  const causes = codes.flatMap((code) => CAUSES[code]?.[language] ?? []);
  const some = codes.length > 1 ? ` --code ${printable(first.code)}` : '';
  const at = where === null ? '' : ` ${quoted(where)}`;
  const again = `gatepost outbox retry --all${some}${at}`;
  const drop = `gatepost outbox drop ${printable(first.id)} --reason "…"${at}`;
  const ways =
    language === 'zh' ? [`重新发送：${again}`, `放弃：${drop}`] : [`send again: ${again}`, `give up: ${drop}`];
  return [...causes, ...ways];
}
