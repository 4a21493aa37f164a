/** `gatepost log`: the gate's log, followed and chosen from, wherever it is. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { readSource, valueAt } from '../config/source.ts';
import { isZone } from '../config/values.ts';
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';
import { formatLocal } from '../core/time.ts';
import type { Level } from '../ops/log.ts';
import { isConfiguration } from './journal-source.ts';
import { type LogFiles, openLogFiles } from './log-files.ts';
import { type JournalFailure, type JournalQuestion, readJournal } from './log-journal.ts';
import { chooser, coloured, foldPlate, LEVELS, type LogFilter, type LogLine, readLine } from './log-line.ts';
import { readCount, readMoment, readZone } from './options.ts';
import { meaningless, readArgs, say, type Terminal, UsageError, untilAsked } from './terminal.ts';

const STANDARD_FILE = '/var/log/gatepost/gatepost.log';
const STANDARD_CONFIG = '/etc/gatepost/gatepost.yaml';
/** Without a question only the end is shown. */
const LAST = 50;
/** How often a followed file is looked at, in ms: less than a person notices, and cheap. */
const FOLLOW_MS = 200;

const HELP: Sentence = {
  zh: `用法：gatepost log [WHERE] [选项]

显示网关的日志，由旧到新，轮换过的文件一并读取；text 和 json 两种格式都认得。没有日志文件时读取 systemd 的日志（journalctl）。
WHERE 是配置文件（.yaml）、日志文件或它所在的目录；不写则按 ${STANDARD_CONFIG}，再按 ${STANDARD_FILE}。

  --follow, -f     继续显示新写入的行，直到 Ctrl-C；文件轮换后接着读
  --lines, -n N    只显示最后 N 行；没有任何筛选条件时为 ${LAST}
  --lane L         只看这个车道
  --plate P        只看这个车牌或票号；可以只写一部分，大小写、点和空格不限
  --level L        info（默认）、warn 或 error：这一级及更严重的
  --code C         只看这个代码，例如 DEVICE_SILENT
  --since T        从这一刻起："2026-11-22 10:00"，或 30m、2h、3d 之前
  --until T        到这一刻为止
  --zone ZONE      日志的时区：默认为配置文件的，或 Asia/Shanghai
  --color WHEN     auto（默认：终端上，且没有设置 NO_COLOR）、always 或 never；--no-color 同 never
`,
  en: `usage: gatepost log [WHERE] [options]

The gate's log, oldest line first, from all of its files; it reads both formats, text and json. Without a file it reads
systemd's journal (journalctl).
WHERE is a configuration file (.yaml), a log file, or the folder it is in; when left out, what ${STANDARD_CONFIG}
says, then ${STANDARD_FILE}.

  --follow, -f     and what is written from now on, until Ctrl-C; over rotation too
  --lines, -n N    only the last N lines; ${LAST} where nothing is asked for
  --lane L         only of this lane
  --plate P        only of this plate or ticket; a part of it will do, in any spelling
  --level L        info (default), warn or error: this level and worse ones
  --code C         only with this code, for example DEVICE_SILENT
  --since T        from this moment on: "2026-11-22 10:00", or 30m, 2h or 3d ago
  --until T        before this moment
  --zone ZONE      the log's time zone: default the configuration's, or Asia/Shanghai
  --color WHEN     auto (default: on a terminal, unless NO_COLOR is set), always or never; --no-color is never
`,
};

const OPTIONS = {
  follow: { type: 'boolean', short: 'f', default: false },
  lines: { type: 'string', short: 'n' },
  lane: { type: 'string' },
  plate: { type: 'string' },
  level: { type: 'string', default: 'info' },
  code: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  zone: { type: 'string' },
  color: { type: 'string', default: 'auto' },
  'no-color': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>['values'];

/**
 * Runs `gatepost log …`.
 * @returns 0 done (also where no line is asked for), 1 there is no log, or it may not be read.
 * @throws UsageError when it was called wrongly.
 */
export async function logCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [where, ...more] = positionals;
  if (more.length > 0) throw meaningless(more);
  const place = await placeOf(where);
  const zone = readZone(values.zone ?? place.zone, null);
  const filter = filterOf(values, (option, text) =>
    formatLocal(readMoment(option, text, zone, systemClock.now()), zone),
  );
  const shown: Shown = {
    chosen: chooser(filter),
    text: wantsColour(values) ? coloured : ({ text }) => text,
    last: lastOf(values),
    choosy: isChoosy(values),
    out: terminal.out,
  };
  const { follow } = values;
  try {
    const files = place.path === null ? null : await openLogFiles(place.path);
    if (files) return await showFiles(files, { ...shown, follow, parse: (text) => readLine(text, zone) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unread = { zh: '{reason}；请用 sudo 再试', en: '{reason}; try again with sudo' };
    const said = fill(unread, { reason: systemSaid(code, message) });
    terminal.err(`gatepost log: ${say(terminal, said)}\n`);
    return 1;
  }
  const failure = await showJournal(shown, follow, zone);
  if (failure === null) return 0;
  terminal.err(`gatepost log: ${say(terminal, nothing(place.path, failure))}\n`);
  return 1;
}

function nothing(path: string | null, failure: JournalFailure | 'empty'): Sentence {
  const why: Sentence =
    failure === 'missing'
      ? { zh: '本机没有 journalctl', en: 'this machine has no journalctl' }
      : failure === 'empty'
        ? { zh: 'systemd 的日志里也没有 gatepost', en: "systemd's journal has nothing of gatepost" }
        : { zh: failure.reason, en: failure.reason };
  const file: Sentence =
    path === null
      ? { zh: '配置文件没有设日志文件', en: 'the configuration writes no log files' }
      : { zh: `没有 ${path}`, en: `there is no ${path}` };
  return {
    zh: `${file.zh}，${why.zh}。请指定日志文件，或在配置文件中写 log: { file: {} }；网关从未运行过也会这样。`,
    en: `${file.en}, and ${why.en}. Name the log file, or write log: { file: {} } into the configuration; a gate that never ran has no log.`,
  };
}

interface Place {
  /** Null where the configuration writes no files. */
  readonly path: string | null;
  /** That of the configuration, if it names one. */
  readonly zone: string | undefined;
}

/** Where the log is. A configuration is only looked into: mistakes in it must not hide the log that tells of them. */
async function placeOf(where: string | undefined): Promise<Place> {
  const named = where ?? STANDARD_CONFIG;
  if (isConfiguration(named)) {
    const found = await readFile(named, 'utf8').catch((error: NodeJS.ErrnoException) => error);
    if (typeof found !== 'string') {
      if (where === undefined) return { path: STANDARD_FILE, zone: undefined };
      const unread = { zh: '{where} 无法读取：{reason}', en: '{where} cannot be read: {reason}' };
      throw new UsageError(fill(unread, { where, reason: systemSaid(found.code, found.message) }));
    }
    const { value } = readSource(found);
    const writes = valueAt(value, ['log', 'file']) !== undefined;
    const path = valueAt(value, ['log', 'file', 'path']) ?? (writes ? STANDARD_FILE : null);
    const zone = valueAt(value, ['parks', 0, 'zone']);
    return {
      path: typeof path === 'string' ? path : null,
      zone: typeof zone === 'string' && isZone(zone) ? zone : undefined,
    };
  }
  const folder = await stat(named).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return { path: folder ? join(named, 'gatepost.log') : named, zone: undefined };
}

function filterOf(values: Values, local: (option: string, text: string) => string): LogFilter {
  const level = LEVELS.find((one) => one === values.level);
  if (!level) throw new UsageError(wrong('--level', values.level, LEVELS));
  const plate = values.plate === undefined ? null : foldPlate(values.plate);
  if (plate === '')
    throw new UsageError({ zh: '--plate 是空的', en: '--plate is empty; write a plate or a part of one' });
  return {
    lane: values.lane ?? null,
    plate,
    level,
    code: values.code?.toUpperCase() ?? null,
    since: values.since === undefined ? null : local('--since', values.since),
    until: values.until === undefined ? null : local('--until', values.until),
  };
}

function wrong(option: string, text: string, known: readonly string[]): Sentence {
  return {
    zh: `${option} "${text}" 无法识别；可写 ${known.join('、')}`,
    en: `${option} "${text}" is not known; write one of ${known.join(', ')}`,
  };
}

/** The number of lines that was asked for; without a question the end of the log, with one all that fits it. */
function lastOf(values: Values): number | null {
  if (values.lines !== undefined) return readCount('--lines', values.lines);
  return isChoosy(values) ? null : LAST;
}

function isChoosy({ lane, plate, code, since, until, level }: Values): boolean {
  const everything: Level = 'info';
  return [lane, plate, code, since, until].some((one) => one !== undefined) || level !== everything;
}

function wantsColour({ color, 'no-color': never }: Values): boolean {
  if (!['auto', 'always', 'never'].includes(color))
    throw new UsageError(wrong('--color', color, ['auto', 'always', 'never']));
  if (never || color === 'never') return false;
  return color === 'always' || (process.stdout.isTTY === true && !process.env['NO_COLOR']);
}

interface Shown {
  readonly chosen: (line: LogLine) => boolean;
  readonly text: (line: LogLine) => string;
  /** Only so many; null: all. */
  readonly last: number | null;
  /** Whether any line may be left out. */
  readonly choosy: boolean;
  readonly out: (text: string) => void;
}

interface FilesShown extends Shown {
  readonly follow: boolean;
  readonly parse: (text: string) => LogLine;
}

async function showFiles(files: LogFiles, shown: FilesShown): Promise<number> {
  const { last, chosen, text, parse, out } = shown;
  const show = (raw: string): void => {
    const line = parse(raw);
    if (chosen(line)) out(`${text(line)}\n`);
  };
  if (last === null) await files.all(show);
  else {
    let found: readonly string[] = [];
    const keep = (lines: readonly string[]): void => {
      const fitting = lines.map(parse).filter(chosen).map(text);
      found = [...fitting, ...found].slice(-last);
    };
    await files.backwards(keep, () => found.length >= last);
    if (found.length > 0) out(`${found.join('\n')}\n`);
  }
  if (shown.follow) await follow((take) => files.more(take), show);
  await files.close();
  return 0;
}

async function follow(
  more: (take: (line: string) => void) => Promise<void>,
  show: (line: string) => void,
): Promise<void> {
  const asked = new AbortController();
  const ended = untilAsked().then(() => asked.abort());
  while (!asked.signal.aborted) {
    await Promise.race([ended, sleep(FOLLOW_MS)]);
    await more(show);
  }
}

async function showJournal(
  { chosen, text, last, choosy, out }: Shown,
  goOn: boolean,
  zone: ReturnType<typeof readZone>,
) {
  const asked = new AbortController();
  if (goOn) void untilAsked().then(() => asked.abort());
  const place = { zone, ended: asked.signal };
  let cursor: string | null = null;
  let any = false;
  let found: string[] = [];
  const first: JournalQuestion = { last: choosy ? null : last, after: null, follow: false };
  const failure = await readJournal(first, place, (entry) => {
    any = true;
    cursor = entry.cursor ?? cursor;
    if (!chosen(entry.line)) return;
    if (last === null) out(`${text(entry.line)}\n`);
    else found.push(text(entry.line));
    if (last !== null && found.length > 2 * last) found = found.slice(-last);
  });
  if (failure !== null) return failure;
  if (!any && !goOn) return 'empty';
  if (last !== null && found.length > 0) out(`${found.slice(-last).join('\n')}\n`);
  if (!goOn) return null;
  return readJournal({ last: null, after: cursor, follow: true }, place, ({ line }) => {
    if (chosen(line)) out(`${text(line)}\n`);
  });
}
