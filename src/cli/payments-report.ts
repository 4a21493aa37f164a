/** A report on payments, line by line as they are read; only the sums, and what is nobody's, are kept in memory. */
import { systemClock } from '../clock.ts';
import type { Said, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { DAY, formatLocal, type Instant, parseLocal, type Zone } from '../core/time.ts';
import { type Asked, createDepartureTally, type DepartureTally, type LetGoLine } from '../reports/departures.ts';
import { type DayBy, momentOf } from '../reports/payment-line.ts';
import { createTally, type Tally } from '../reports/payment-totals.ts';
import type { Source } from './journal-source.ts';
import { type ArchiveRead, readArchived, type ShelfReader } from './payments-archive.ts';
import type { LetGoRow } from './payments-departures.ts';
import { type BooksReader, beginningOf, type JournalRead, readPayments, type Span } from './payments-journal.ts';
import type { Output } from './payments-output.ts';
import { say, type Terminal } from './terminal.ts';

/** Lines gathered before they are written. */
const LINES_AT_ONCE = 1_000;

/** Days as `yyyy-MM-dd`, both included. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

/** Where the payments are, and in which zone each park counts its days. */
export interface Books {
  readonly source: Source;
  /** By park; empty without a configuration. */
  readonly zones: ReadonlyMap<string, Zone>;
  /** Of all other parks. */
  readonly zone: Zone;
}

export interface Wanted {
  readonly days: Days;
  readonly by: DayBy;
  readonly park: string | null;
  readonly flagged: boolean;
  /** Only the vehicles that were let go. */
  readonly uncollected: boolean;
  readonly output: Output;
}

/**
 * Prints what was asked for.
 * @returns the exit code.
 * @throws StoreError when the books cannot be read.
 */
export async function report(books: Books, wanted: Wanted, terminal: Terminal): Promise<number> {
  const { output, days, uncollected } = wanted;
  const tally = createTally();
  const departures = createDepartureTally(askedFor(books, wanted));
  const sorter = sorterOf(books, wanted, { tally, departures }, terminal.out);
  const span = spanOf(books, wanted);
  const archive = await archiveBefore(books.source, span, sorter);
  const journal = await readPayments(books.source, span, sorter);
  const totals = tally.totals();
  const problem =
    unknownPark(books, wanted, journal, archive) ??
    (totals.noticed.notices > 0 ? null : noSuchDay(days, journal, archive, books.zone));
  if (problem !== null) {
    tell(problem, terminal);
    return 1;
  }
  sorter.flush();
  const departed = { rows: rowsOf(departures.lines(), books), sums: archive === null ? departures.sums() : null };
  for (const { text, aside } of [...(uncollected ? [] : [output.totals(totals)]), output.departed(departed)]) {
    terminal.out(text);
    if (aside !== '') terminal.err(aside);
  }
  const gaps = [...gapsOf(journal), ...(archive === null ? [] : archiveGaps(archive, days))];
  if (archive !== null) tell(archiveNote(archive), terminal);
  for (const gap of gaps) tell(fill({ zh: '不完整：{gap}', en: 'NOT COMPLETE: {gap}' }, { gap }), terminal);
  return gaps.length === 0 ? 0 : 1;
}

function tell(said: Said, terminal: Terminal): void {
  terminal.err(`gatepost payments: ${say(terminal, said)}\n`);
}

interface Sorter extends BooksReader, ShelfReader {
  flush(): void;
}

interface Tallies {
  readonly tally: Tally;
  readonly departures: DepartureTally;
}

/** Writes and counts what was asked for, as it comes. */
function sorterOf(books: Books, wanted: Wanted, { tally, departures }: Tallies, out: (text: string) => void): Sorter {
  const { days, by, park, flagged, uncollected, output } = wanted;
  let texts: string[] = [output.head];

  function flush(): void {
    out(texts.join(''));
    texts = [];
  }

  return {
    payment(line) {
      const zone = books.zones.get(line.park) ?? books.zone;
      const day = dayOf(momentOf(line, by), zone);
      const replaces = tally.follow(line);
      departures.paid(line);
      if (day < days.first || day > days.last || (park !== null && line.park !== park)) return;
      tally.add(line, day);
      if (uncollected || (flagged && line.flags.length === 0)) return;
      texts.push(output.row({ line, day, zone, replaces }));
      if (texts.length >= LINES_AT_ONCE) flush();
    },
    left: departures.left,
    through: departures.through,
    stayed: (event) => departures.stayed(event.park, event.visit),
    shelved: departures.shelved,
    flush,
  };
}

/** Whether a departure is of the days and the park that were asked for. */
function askedFor(books: Books, { days, park }: Wanted): Asked {
  return (id, at) => {
    const day = dayOf(at, books.zones.get(id) ?? books.zone);
    return day >= days.first && day <= days.last && (park === null || park === id);
  };
}

function rowsOf(lines: readonly LetGoLine[], { zones, zone: standard }: Books): readonly LetGoRow[] {
  return lines.map((line) => {
    const zone = zones.get(line.park) ?? standard;
    return { line, zone, day: dayOf(line.at, zone) };
  });
}

/** The moments between which the days lie, in whatever zone. A notice may arrive long after it was paid. */
function spanOf({ zones, zone }: Books, { days, by }: Wanted): Span {
  const all = [...zones.values(), zone];
  const moments = (day: string): number[] => all.flatMap((one) => parseLocal(`${day} 00:00`, one) ?? []);
  const from = Math.min(...moments(days.first)) - (by === 'pay-time' ? DAY : 0);
  const until = by === 'pay-time' ? Number.POSITIVE_INFINITY : Math.max(...moments(days.last)) + DAY;
  return { from: from as Instant, until: until as Instant };
}

/** What lies before the journal, if the days begin before it; null when the journal has them all. */
async function archiveBefore(
  source: Source,
  span: Span,
  reader: ShelfReader,
): Promise<(ArchiveRead & { readonly journalFrom: number }) | null> {
  if (source.kind !== 'folder' || source.data === null) return null;
  const beginning = await beginningOf(source.folder);
  if (beginning === null || beginning.seq === 1 || span.from > beginning.at) return null;
  return { ...(await readArchived(source.data, beginning, reader)), journalFrom: beginning.seq };
}

function unknownPark(
  { zones }: Books,
  { park }: Wanted,
  journal: JournalRead,
  archive: ArchiveRead | null,
): Sentence | null {
  const known = new Set<string>([...zones.keys(), ...journal.parks, ...(archive?.parks ?? [])]);
  if (park === null || known.has(park)) return null;
  const list = [...known].join(', ');
  return {
    zh: `这些记录中没有停车场 "${park}"；${known.size === 0 ? '一个都没有' : `现有：${list}`}`,
    en: `there is no park "${park}" in these records; there ${known.size === 0 ? 'is none' : `are: ${list}`}`,
  };
}

/** A day before the books begin, or one that is yet to come, was hardly meant. A day on which nobody paid is a day. */
function noSuchDay(days: Days, journal: JournalRead, archive: ArchiveRead | null, zone: Zone): Sentence | null {
  if (journal.first === null || journal.last === null)
    return { zh: '日志账本中没有可读的记录', en: 'there is no record in this journal that can be read' };
  const begins = dayOf(Math.min(journal.first, archive?.earliest ?? journal.first) as Instant, zone);
  if (days.last < begins)
    return {
      zh: `没有 ${days.last} 的记录：账目从 ${begins} 开始`,
      en: `there is nothing of ${days.last}: the books begin on ${begins}`,
    };
  const last = formatLocal(journal.last, zone);
  if (days.first <= last.slice(0, 10) || days.first <= dayOf(systemClock.now(), zone)) return null;
  return {
    zh: `${days.first} 还没有到：最后一条记录是 ${last}`,
    en: `${days.first} is yet to come: the last record is of ${last}`,
  };
}

function gapsOf({ damage: { bytes, places, missing } }: JournalRead): readonly Sentence[] {
  if (bytes === 0 && missing === 0) return [];
  const verify = '"gatepost journal verify DATA"';
  return [
    {
      zh: `有 ${places} 处共 ${bytes} 字节不是记录，缺少 ${missing} 条记录，其中可能有付款；${verify} 说明在哪里`,
      en:
        `${bytes} bytes in ${places} place(s) are no records, and ${missing} record(s) are missing: a payment may be ` +
        `among them; ${verify} tells where`,
    },
  ];
}

function archiveNote({ journalFrom }: { readonly journalFrom: number }): Sentence {
  return {
    zh: `日志账本从记录 ${journalFrom} 开始；更早的取自归档和快照，没有未入账的通知，也没有手机号`,
    en:
      `the journal begins at record ${journalFrom}; what is older came from the archive and the snapshot, ` +
      'without notices that were not booked, and without phone numbers',
  };
}

const NO_SNAPSHOT: Sentence = {
  zh: '快照无法使用，其中的订单可能缺失：{why}',
  en: 'a snapshot cannot be used, and orders in it may be missing: {why}',
};

function archiveGaps(archive: ArchiveRead, days: Days): readonly Sentence[] {
  const { removedBefore, missing, badLines, withoutReceipt, badSnapshot } = archive;
  const gaps: Sentence[] = [];
  if (missing.length > 0) {
    const batches = missing.join(', ');
    gaps.push({ zh: `归档缺少批次 ${batches}`, en: `the archive's batch ${batches} is missing` });
  }
  if (badLines > 0)
    gaps.push({ zh: `归档有 ${badLines} 行无法读取`, en: `${badLines} line(s) of the archive cannot be read` });
  if (badSnapshot !== null) gaps.push(fill(NO_SNAPSHOT, { why: badSnapshot }));
  if (withoutReceipt > 0)
    gaps.push({
      zh: `有 ${withoutReceipt} 个旧订单没有留存金额`,
      en: `of ${withoutReceipt} old order(s) the amounts were not kept`,
    });
  if (removedBefore !== null && days.first <= removedBefore) {
    gaps.push({
      zh: `${removedBefore} 以前的归档已按保留期限删除`,
      en: `the archive before ${removedBefore} has been removed, as retention is configured`,
    });
  }
  return gaps;
}

function dayOf(at: Instant, zone: Zone): string {
  return formatLocal(at, zone).slice(0, 10);
}
