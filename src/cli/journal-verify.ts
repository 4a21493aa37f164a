/** `gatepost journal verify`: reads every byte of a data folder's journal and snapshots, and changes nothing. */
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { realDisk } from '../store/disk.ts';
import { errorText, StoreError } from '../store/files.ts';
import { type Marker, readMarker } from '../store/marker.ts';
import { listSegments, type Segment } from '../store/segment.ts';
import { PREVIOUS_FILE, parseSnapshot, SNAPSHOT_FILE } from '../store/snapshot.ts';
import { shortOf } from '../store/store.ts';
import { type Found, readOn } from './journal-read.ts';
import { dataFolderOf, namedSource } from './journal-source.ts';
import { readArgs, type Terminal } from './terminal.ts';

/** A record in the making is whole after this time, in ms; what is still half a record then will stay so. */
const IN_THE_MAKING_MS = 100;

interface SegmentReport {
  readonly segment: Segment;
  first: number | null;
  last: number | null;
  records: number;
  readonly problems: string[];
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

  const records = journal.segments.reduce((sum, segment) => sum + segment.records, 0);
  const lines = [
    ...journal.segments.flatMap(segmentText),
    ...snapshots.map(({ file, text, problem }) => `${file.padEnd(28)} ${problem === null ? text : `BAD: ${problem}`}`),
    ...together.map((problem) => `BAD: ${problem}`),
    problems === 0
      ? `clean: ${records} records in ${journal.segments.length} segment(s), every checksum right`
      : `DAMAGED: ${problems} problem(s), ${records} records can be read. See "gatepost journal repair --help"`,
  ];
  terminal.out(`${lines.join('\n')}\n`);
  return problems === 0 ? 0 : 1;
}

function segmentText({ segment, first, last, records, problems }: SegmentReport): readonly string[] {
  const range = first === null || last === null ? 'no record yet' : `records ${first} to ${last} (${records})`;
  return [`journal/${segment.name}   ${range}, ${segment.bytes} bytes`, ...problems.map((text) => `  BAD: ${text}`)];
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
      next - expected === 1 ? `record ${expected} is missing` : `records ${expected} to ${next - 1} are missing`,
    );
    expected = next;
  }

  return {
    take(found) {
      const report = reach(basename(found.file));
      if (!report) return;
      if (found.kind === 'bad') {
        report.problems.push(`${found.bytes.length} bytes at byte ${found.offset} are no record`);
        return;
      }
      const { seq } = found.record;
      if (seq < expected) {
        report.problems.push(`record ${seq} at byte ${found.offset} comes again`);
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
  readonly text: string;
  readonly problem: string | null;
  /** The last record in it; null without a good one. */
  readonly seq: number | null;
}

async function verifySnapshot(data: string, file: string): Promise<SnapshotReport> {
  const path = join(data, file);
  try {
    const bytes = await realDisk.readFile(path);
    if (bytes === null) return { file, seq: null, problem: null, text: 'none' };
    const { seq, parks } = parseSnapshot(bytes, path);
    const open = parks.reduce((sum, park) => sum + park.open.length, 0);
    return { file, seq, problem: null, text: `the state at record ${seq}, ${open} open visit(s)` };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return { file, seq: null, problem: errorText(error), text: '' };
  }
}

/** What is wrong only when the parts are seen together. */
function joined({ segments, seq }: JournalReport, covered: number, marker: Marker | null): readonly string[] {
  const first = segments[0]?.segment.first ?? 1;
  const short = shortOf({ last: segments.at(-1) ?? null, end: seq }, marker, covered);
  return [
    ...(first > covered + 1 ? [`records ${covered + 1} to ${first - 1} are in no snapshot and no segment`] : []),
    ...(short === null ? [] : [`journal: ${short.en}`]),
  ];
}
