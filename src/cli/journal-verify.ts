/** `gatepost journal verify`: reads every byte of a data folder's journal and snapshots, and changes nothing. */
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Said, Sentence } from '../core/errors.ts';
import { fill, inWords } from '../core/sentence.ts';
import { realDisk } from '../store/disk.ts';
import { errorSaid, StoreError } from '../store/files.ts';
import { type Marker, readMarker } from '../store/marker.ts';
import { listSegments, type Segment } from '../store/segment.ts';
import { PREVIOUS_FILE, parseSnapshot, SNAPSHOT_FILE } from '../store/snapshot.ts';
import { shortOf } from '../store/store.ts';
import { pad } from '../text-width.ts';
import { type Found, readOn } from './journal-read.ts';
import { badSaid, dataFolderOf, namedSource } from './journal-source.ts';
import { readArgs, say, type Terminal } from './terminal.ts';

/** A record in the making is whole after this time, in ms; what is still half a record then will stay so. */
const IN_THE_MAKING_MS = 100;

interface SegmentReport {
  readonly segment: Segment;
  first: number | null;
  last: number | null;
  records: number;
  readonly problems: Sentence[];
}

interface JournalReport {
  readonly segments: readonly SegmentReport[];
  /** The last seq that was given, as far as can be known. */
  readonly seq: number;
}

export async function verifyCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { positionals } = readArgs(args, {});
  const named = await namedSource(positionals, terminal);
  if (!named) return 1;
  const data = dataFolderOf(named.source, 'verify');
  const journal = await verifyJournal(join(data, 'journal'));
  const snapshots = await Promise.all([SNAPSHOT_FILE, PREVIOUS_FILE].map((file) => verifySnapshot(data, file)));
  const covered = Math.max(0, ...snapshots.map(({ seq }) => seq ?? 0));
  const together = joined(journal, covered, await readMarker(realDisk, data));
  const problems =
    journal.segments.reduce((sum, segment) => sum + segment.problems.length, 0) +
    snapshots.filter(({ problem }) => problem !== null).length +
    together.length;

  const { language } = terminal;
  const records = journal.segments.reduce((sum, segment) => sum + segment.records, 0);
  const count = journal.segments.length;
  const verdict =
    problems === 0
      ? {
          zh: `完好：${count} 个文件共 ${records} 条记录，校验全部正确`,
          en: `clean: ${records} records in ${count} segment(s), every checksum right`,
        }
      : {
          zh: `损坏：${problems} 处，可读的记录 ${records} 条。请看 "gatepost journal repair --help"`,
          en: `DAMAGED: ${problems} problem(s), ${records} records can be read. See "gatepost journal repair --help"`,
        };
  const snapshotText = ({ file, text, problem }: SnapshotReport): string =>
    `${pad(file, 28)} ${inWords(problem === null ? text : badSaid(problem), language)}`;
  const lines = [
    ...journal.segments.flatMap((segment) => segmentText(segment).map((said) => inWords(said, language))),
    ...snapshots.map(snapshotText),
    ...together.map((problem) => inWords(badSaid(problem), language)),
    say(terminal, verdict),
  ];
  terminal.out(`${lines.join('\n')}\n`);
  return problems === 0 ? 0 : 1;
}

function segmentText({ segment, first, last, records, problems }: SegmentReport): readonly Sentence[] {
  const { name, bytes } = segment;
  const range =
    first === null || last === null
      ? { zh: '还没有记录', en: 'no record yet' }
      : { zh: `记录 ${first} 至 ${last}（${records} 条）`, en: `records ${first} to ${last} (${records})` };
  const head = fill(
    { zh: `journal/${name}   {range}，${bytes} 字节`, en: `journal/${name}   {range}, ${bytes} bytes` },
    { range },
  );
  const indented = { zh: '  {bad}', en: '  {bad}' };
  return [head, ...problems.map((problem) => fill(indented, { bad: badSaid(problem) }))];
}

async function verifyJournal(folder: string): Promise<JournalReport> {
  const reports = new Map<string, SegmentReport>();
  for (const segment of await listSegments(realDisk, folder)) {
    reports.set(segment.name, { segment, first: null, last: null, records: 0, problems: [] });
  }
  const reading = accountant(reports);
  let cursor = await readOn(folder, null, reading.take);
  if (cursor?.tail) {
    await sleep(IN_THE_MAKING_MS);
    cursor = await readOn(folder, cursor, reading.take);
  }
  if (cursor?.tail) reading.take(cursor.tail);
  return { segments: [...reports.values()], seq: reading.finish() };
}

interface Accountant {
  take(found: Found): void;
  /** @returns the last seq that was given. */
  finish(): number;
}

/** Notes what is wrong at each segment: bytes that are no record, numbers that are missing or come twice. */
function accountant(reports: Map<string, SegmentReport>): Accountant {
  const all = [...reports.values()];
  let current = 0;
  let expected = all[0]?.segment.first ?? 1;

  /** Goes on to the segment of that name; what is missing at the end of those before it is theirs. */
  function reach(name: string): SegmentReport | undefined {
    while (current < all.length - 1 && all[current]?.segment.name !== name) {
      const before = all[current];
      current += 1;
      missing(before, all[current]?.segment.first ?? expected);
    }
    return all[current];
  }

  function missing(report: SegmentReport | undefined, next: number): void {
    if (next <= expected) return;
    report?.problems.push(
      next - expected === 1
        ? { zh: `缺少记录 ${expected}`, en: `record ${expected} is missing` }
        : { zh: `缺少记录 ${expected} 至 ${next - 1}`, en: `records ${expected} to ${next - 1} are missing` },
    );
    expected = next;
  }

  return {
    take(found) {
      const report = reach(basename(found.file));
      if (!report) return;
      if (found.kind === 'bad') {
        const { bytes, offset } = found;
        report.problems.push({
          zh: `第 ${offset} 字节起的 ${bytes.length} 字节不是记录`,
          en: `${bytes.length} bytes at byte ${offset} are no record`,
        });
        return;
      }
      const { seq } = found.record;
      if (seq < expected) {
        report.problems.push({
          zh: `记录 ${seq} 在第 ${found.offset} 字节重复出现`,
          en: `record ${seq} at byte ${found.offset} comes again`,
        });
        return;
      }
      missing(report, seq);
      expected = seq + 1;
      report.first ??= seq;
      report.last = seq;
      report.records += 1;
    },
    finish() {
      const last = all.at(-1);
      if (last) reach(last.segment.name);
      return expected - 1;
    },
  };
}

interface SnapshotReport {
  readonly file: string;
  readonly text: Sentence;
  readonly problem: Said | null;
  /** The last record in it; null without a good one. */
  readonly seq: number | null;
}

async function verifySnapshot(data: string, file: string): Promise<SnapshotReport> {
  const path = join(data, file);
  const none = { zh: '无', en: 'none' };
  try {
    const bytes = await realDisk.readFile(path);
    if (bytes === null) return { file, seq: null, problem: null, text: none };
    const { seq, parks } = parseSnapshot(bytes, path);
    const open = parks.reduce((sum, park) => sum + park.open.length, 0);
    const text = {
      zh: `记录 ${seq} 时的状态，在场 ${open} 辆`,
      en: `the state at record ${seq}, ${open} open visit(s)`,
    };
    return { file, seq, problem: null, text };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return { file, seq: null, problem: errorSaid(error), text: none };
  }
}

/** What is wrong only when the parts are seen together. */
function joined({ segments, seq }: JournalReport, covered: number, marker: Marker | null): readonly Sentence[] {
  const first = segments[0]?.segment.first ?? 1;
  const short = shortOf({ last: segments.at(-1) ?? null, end: seq }, marker, covered);
  const nowhere = {
    zh: `记录 ${covered + 1} 至 ${first - 1} 不在任何快照和日志账本文件中`,
    en: `records ${covered + 1} to ${first - 1} are in no snapshot and no segment`,
  };
  return [
    ...(first > covered + 1 ? [nowhere] : []),
    ...(short === null ? [] : [fill({ zh: 'journal：{short}', en: 'journal: {short}' }, { short })]),
  ];
}
