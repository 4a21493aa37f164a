/** `gatepost passes`: who has a pass, by the tables that a configuration names. */
import { systemClock } from '../clock.ts';
import type { Config } from '../config/load.ts';
import type { Language, Sentence } from '../core/errors.ts';
import type { Passes } from '../core/park/pass.ts';
import { normalisePlate, type Plate } from '../core/plate.ts';
import { type PassPeriod, passText } from '../core/tariff/pass.ts';
import { DAY, formatLocal, type Instant, type Zone, zoneOf } from '../core/time.ts';
import { printable } from '../ops/log.ts';
import { pad } from '../text-width.ts';
import { loadFile } from './load.ts';
import { readMoment } from './options.ts';
import { readArgs, say, type Terminal, UsageError } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost passes FILE [选项]

列出配置文件 FILE 所指的月卡表和白名单。只读文件，不问正在运行的道闸。

  --plate 车牌      只看这一辆车
  --at "时间"       以这一时刻为准，例如 "2026-11-22 10:00"；默认现在
  --expiring 7d     只看当时有效、并在这么多天内到期的
  --park P          只看这个停车场

退出码 0：有；1：没有，或表里有错误；2：命令写错。
`,
  en: `usage: gatepost passes FILE [options]

Lists the monthly passes and the whitelist that the configuration FILE names. It reads the tables, and asks no gate that runs.

  --plate PLATE     this vehicle only
  --at "TIME"       as of this moment, such as "2026-11-22 10:00"; default now
  --expiring 7d     only what is valid then and ends within so many days
  --park P          this car park only

Exit code 0: there is one; with --plate, one that is valid then. 1: there is none, or a table has mistakes; 2: called wrongly.
`,
};

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  plate: { type: 'string' },
  at: { type: 'string' },
  expiring: { type: 'string' },
  park: { type: 'string' },
} as const;

const STATES = {
  valid: { zh: '有效', en: 'valid' },
  expired: { zh: '已过期', en: 'expired' },
  later: { zh: '未开始', en: 'not yet' },
} as const satisfies Readonly<Record<string, Sentence>>;

type PassState = keyof typeof STATES;

interface Listed {
  readonly plate: Plate;
  readonly period: PassPeriod;
  readonly state: PassState;
}

/** What is asked of each park's passes. */
interface Asked {
  readonly plate: Plate | null;
  /** In ms; null for all. */
  readonly expiring: number | null;
}

/** @throws UsageError when it was called wrongly. */
export async function passesCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(say(terminal, HELP));
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError({ zh: '请写一个配置文件', en: 'name one configuration file' });
  const asked = { plate: readPlate(values.plate), expiring: readExpiring(values.expiring) };
  const config = await loadFile(file, terminal);
  if (!config) return 1;
  const parks = parksOf(config, values.park);
  if (parks.every(({ passes }) => passes === undefined)) {
    const none = {
      zh: `${file} 没有月卡表：在停车场下加一行 "passes: passes.csv"`,
      en: `${file} names no passes: add "passes: passes.csv" to the car park`,
    };
    terminal.err(`${say(terminal, none)}\n`);
    return 1;
  }
  const now = systemClock.now();
  const found = parks.map(({ id, name, zone, passes = new Map() }) => {
    const at = values.at === undefined ? now : readMoment('--at', values.at, zone, now);
    const listed = listOf(passes, asked, at);
    terminal.out(`${printable(name)} (${id}) ${formatLocal(at, zone)}\n`);
    for (const one of listed) terminal.out(`${lineOf(one, at, zone, terminal.language)}\n`);
    terminal.out(`${say(terminal, sumOf(listed))}\n`);
    return asked.plate === null ? listed.length > 0 : listed.some(({ state }) => state === 'valid');
  });
  return found.includes(true) ? 0 : 1;
}

function readPlate(text: string | undefined): Plate | null {
  if (text === undefined) return null;
  const plate = normalisePlate(text);
  if (plate !== undefined) return plate;
  throw new UsageError({ zh: `--plate "${text}" 不是车牌`, en: `--plate "${text}" is no plate` });
}

function readExpiring(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  if (days !== undefined) return Number(days) * DAY;
  throw new UsageError({
    zh: `--expiring "${text}" 无法识别；请写天数，例如 7d`,
    en: `--expiring "${text}" is not understood; write a number of days, such as 7d`,
  });
}

interface ParkPasses {
  readonly id: string;
  readonly name: string;
  readonly zone: Zone;
  readonly passes: Passes | undefined;
}

function parksOf({ parks, passes }: Config, only: string | undefined): readonly ParkPasses[] {
  const chosen = parks.filter(({ id }) => only === undefined || id === only);
  if (chosen.length === 0) {
    const ids = parks.map(({ id }) => id).join(', ');
    throw new UsageError({
      zh: `没有停车场 "${only}"；现有：${ids}`,
      en: `there is no car park "${only}"; there are: ${ids}`,
    });
  }
  return chosen.map(({ id, name, zone }) => ({ id, name, zone: zoneOf(zone), passes: passes.get(id) }));
}

function listOf(passes: Passes, { plate, expiring }: Asked, at: Instant): readonly Listed[] {
  const mine = plate === null ? [...passes] : [[plate, passes.get(plate) ?? []] as const];
  const listed = mine.flatMap(([key, periods]) =>
    periods.map((period) => ({ plate: key, period, state: stateOf(period, at) })),
  );
  if (expiring === null) return listed;
  const soon = listed.filter(({ period, state }) => state === 'valid' && period.to - at <= expiring);
  return soon.toSorted((a, b) => a.period.to - b.period.to);
}

function stateOf({ from, to }: PassPeriod, at: Instant): PassState {
  if (to <= at) return 'expired';
  return from > at ? 'later' : 'valid';
}

/** Without an end where the table gives none: `2026-11-01 – …`. */
function lineOf({ plate, period, state }: Listed, at: Instant, zone: Zone, language: Language): string {
  const { kind, from, to, until } = period;
  const begin = Number.isFinite(from) ? formatLocal(from, zone).slice(0, 10) : '…';
  const left = state === 'valid' && Number.isFinite(to) ? Math.ceil((to - at) / DAY) : null;
  const rest = { zh: `，还有 ${left} 天`, en: `, ${left === 1 ? '1 day' : `${left} days`} left` };
  const days = `${begin.padStart(10)} – ${(until ?? '…').padEnd(10)}`;
  const words = [pad(plate, 10), pad(passText(kind, null, language), 8), days];
  return `  ${words.join('  ')}  ${STATES[state][language]}${left === null ? '' : rest[language]}`;
}

function sumOf(listed: readonly Listed[]): Sentence {
  const count = (wanted: PassState): number => listed.filter(({ state }) => state === wanted).length;
  const [valid, expired, later] = [count('valid'), count('expired'), count('later')];
  const all = listed.length;
  return {
    zh: `共 ${all} 张：有效 ${valid}，已过期 ${expired}，未开始 ${later}`,
    en: `${all} ${all === 1 ? 'pass' : 'passes'}: ${valid} valid, ${expired} expired, ${later} not yet begun`,
  };
}
