/** `gatepost journal WHERE`: the events, one line each, or the records as they are; and what is written from now on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { ticketKey } from '../core/park/model.ts';
import { normalisePlate } from '../core/plate.ts';
import type { Instant } from '../core/time.ts';
import { type EventType, type Filter, type Matcher, matcher } from './journal-filter.ts';
import { type Cursor, type Found, readAll, readOn } from './journal-read.ts';
import { namedSource } from './journal-source.ts';
import { EVENT_TYPES, eventLine, type LineOptions, Vehicles } from './journal-text.ts';
import { readCount, readLanguage, readMoment, readZone } from './options.ts';
import { notBoth, readArgs, say, type Terminal, UsageError, untilAsked } from './terminal.ts';

/** Lines gathered before they are written: a million calls take longer than the reading. */
const LINES_AT_ONCE = 1_000;
/** How often a followed journal is looked at, in ms: less than a person notices, and cheap. */
const FOLLOW_MS = 200;

const OPTIONS = {
  plate: { type: 'string' },
  visit: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  type: { type: 'string', multiple: true },
  lane: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
  follow: { type: 'boolean', default: false },
  zone: { type: 'string' },
  language: { type: 'string' },
} as const;

export async function listCommand(args: readonly string[], plain: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.plate !== undefined && values.visit !== undefined) throw notBoth('--plate', '--visit');
  const language = readLanguage(values.language ?? plain.language);
  const terminal = { ...plain, language };
  const limit = values.limit === undefined ? null : readCount('--limit', values.limit);
  const types = values.type === undefined ? null : readTypes(values.type);
  const vehicle = values.plate === undefined ? null : vehicleKeys(values.plate);
  const named = await namedSource(positionals, terminal);
  if (!named) return 1;
  const { source } = named;
  const folder = source.kind === 'folder' ? source.folder : null;
  if (values.follow && folder === null)
    throw new UsageError({ zh: '--follow 需要数据文件夹', en: '--follow needs the data folder' });
  const zone = readZone(values.zone, named.zone);
  const momentOf = (option: 'since' | 'until'): Instant | null => {
    const text = values[option];
    return text === undefined ? null : readMoment(`--${option}`, text, zone, systemClock.now());
  };
  const { visit = null, lane = null, json } = values;
  const filter: Filter = { vehicle, visit, since: momentOf('since'), until: momentOf('until'), types, lane };
  const match = matcher(filter);
  const line = { zone, language, vehicles: new Vehicles() };
  const lines = lister({ match, json, line, limit, out: terminal.out });

  // A visit is found also under a plate that it was given later: the first reading learns the visits.
  if (vehicle !== null && source.kind !== 'pipe') {
    await readAll(source, (found) => {
      if (found.kind === 'record') match.learn(found.record);
    });
  }
  const cursor = await readAll(source, lines.take);
  lines.flush();
  if (values.follow && folder !== null) await follow(folder, cursor, lines);
  else if (cursor?.tail) lines.take(cursor.tail);
  tellDiscarded(lines.discarded(), terminal);
  return 0;
}

function readTypes(texts: readonly string[]): ReadonlySet<EventType> {
  const wanted = texts.flatMap((text) => text.split(','));
  const types = EVENT_TYPES.filter((type) => wanted.includes(type));
  const unknown = wanted.find((text) => !types.some((type) => type === text));
  if (unknown === undefined) return new Set(types);
  throw new UsageError({
    zh: `--type "${unknown}" 不是事件；有这些：${EVENT_TYPES.join('、')}`,
    en: `--type "${unknown}" is no event; there are ${EVENT_TYPES.join(', ')}`,
  });
}

/** How a plate or a ticket is compared. */
function vehicleKeys(text: string): readonly string[] {
  if (text.trim() === '')
    throw new UsageError({
      zh: '--plate 是空的；请写车牌，或停车票的条形码',
      en: '--plate is empty; write a plate, or the barcode of a ticket',
    });
  const plate = normalisePlate(text);
  return [ticketKey(text.trim()), ...(plate === undefined ? [] : [plate])];
}

interface Discarded {
  readonly places: number;
  readonly bytes: number;
}

function tellDiscarded({ places, bytes }: Discarded, terminal: Terminal): void {
  if (places === 0) return;
  const verify = '"gatepost journal verify DATA"';
  const told = {
    zh: `有 ${places} 处共 ${bytes} 字节不是记录，没有显示；${verify} 说明在哪里`,
    en: `${bytes} bytes in ${places} place(s) are no records and are not shown; ${verify} tells where`,
  };
  terminal.err(`gatepost journal: ${say(terminal, told)}\n`);
}

interface Lister {
  take(found: Found): void;
  /** Writes what has gathered; from here on there is no limit. */
  flush(): void;
  discarded(): Discarded;
}

interface ListerOptions {
  readonly match: Matcher;
  readonly json: boolean;
  readonly line: LineOptions;
  /** Only so many lines, the last, are kept until the first flush; null: all. */
  readonly limit: number | null;
  readonly out: (text: string) => void;
}

function lister({ match, json, line, limit, out }: ListerOptions): Lister {
  let lines: string[] = [];
  let kept = limit;
  let places = 0;
  let bytes = 0;

  function flush(): void {
    if (kept !== null) lines = lines.slice(-kept);
    kept = null;
    if (lines.length > 0) out(`${lines.join('\n')}\n`);
    lines = [];
  }

  function add(text: string): void {
    lines.push(text);
    if (kept === null) {
      if (lines.length >= LINES_AT_ONCE) flush();
    } else if (lines.length >= 2 * kept + LINES_AT_ONCE) {
      lines = lines.slice(-kept);
    }
  }

  return {
    take(found) {
      if (found.kind === 'bad') {
        places += 1;
        bytes += found.bytes.length;
        return;
      }
      const { record } = found;
      match.learn(record);
      line.vehicles.learn(record);
      const events = record.events.filter((event) => match.matches(record, event));
      if (!json) for (const event of events) add(eventLine(record, event, line));
      else if (events.length > 0) add(found.bytes.toString('utf8'));
    },
    flush,
    discarded: () => ({ places, bytes }),
  };
}

/** Goes on as the daemon writes, over rotation too, until a signal asks for the end. */
async function follow(folder: string, from: Cursor | null, lines: Lister): Promise<void> {
  const asked = new AbortController();
  const ended = untilAsked().then(() => asked.abort());
  let cursor = from;
  while (!asked.signal.aborted) {
    await Promise.race([ended, sleep(FOLLOW_MS)]);
    cursor = await readOn(folder, cursor, lines.take);
    lines.flush();
  }
}
