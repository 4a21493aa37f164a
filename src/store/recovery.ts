/** Reading the journal back. Reading changes nothing on the disk: a folder that is refused is left as it was. */
import { join } from 'node:path';
import type { Sentence } from '../core/errors.ts';
import type { JournalRecord } from '../core/park/events.ts';
import type { State } from '../core/park/state.ts';
import { fill } from '../core/sentence.ts';
import { LF, type Piece, RECORD_VERSION, scan } from './codec.ts';
import type { Disk } from './disk.ts';
import { newerError } from './files.ts';
import { readSalvaging } from './salvage.ts';
import { listSegments, type Segment } from './segment.ts';

const AGAIN: Sentence = { zh: '记录 {seq} 重复（{size}）', en: 'record {seq} again ({size})' };
/** By how many records are lost. */
const MISSING = {
  none: { zh: '记录 {before} 之后的 {size}', en: '{size} after record {before}' },
  one: { zh: '记录 {first}（{size}）', en: 'record {first} ({size})' },
  several: { zh: '记录 {first} 至 {last}（{size}）', en: 'records {first} to {last} ({size})' },
} as const satisfies Readonly<Record<string, Sentence>>;

export type Fold = (state: State, record: JournalRecord) => void;

/** Bytes of a segment that are no record, or a record in the wrong place. */
export interface Span {
  readonly segment: Segment;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Records that should be there and could not be read, or bytes that should not be there. */
export interface Damage {
  readonly segment: Segment;
  /** Null when the bytes are blank or the file is gone. */
  readonly span: Span | null;
  /** How many records were lost. */
  readonly records: number;
  /** For a person: "record 17 (212 bytes)". */
  readonly text: Sentence;
}

/** The segment that is written on, as it was read. */
export interface LastSegment {
  readonly segment: Segment;
  readonly bytes: Buffer;
  /** Where the last record's text ends, without its newline; 0 without a record. */
  readonly end: number;
  /** What was being written when the power went: all from the first hole in the last append. */
  readonly torn: Span | null;
}

export interface Replay {
  readonly segments: readonly Segment[];
  readonly last: LastSegment | null;
  readonly damage: readonly Damage[];
  /** Records folded in. */
  readonly records: number;
  /** The last record that the files know of: it was read, or later ones were; 0 without any. */
  readonly end: number;
}

/** The reading position: what comes next, and what was found wrong so far. */
interface Reading {
  readonly state: State;
  readonly fold: Fold;
  readonly damage: Damage[];
  /** The seq that the next record should have. */
  expected: number;
  records: number;
}

/**
 * Folds every readable record after `state.seq` into the state, in order, starting with the segment that holds it.
 * Gaps are reported, never a reason to stop. Afterwards `state.seq` is the last seq ever accepted, as far as can be known,
 * so that no number is given twice.
 * @throws StoreError for a record of a newer version.
 */
export async function replay(disk: Disk, folder: string, state: State, fold: Fold): Promise<Replay> {
  const segments = await listSegments(disk, folder);
  const begin = Math.max(
    0,
    segments.findLastIndex(({ first }) => first <= state.seq + 1),
  );
  const expected = Math.min(state.seq + 1, segments[begin]?.first ?? 1);
  const reading: Reading = { state, fold, damage: [], expected, records: 0 };
  let last: LastSegment | null = null;
  const wanted = segments.slice(begin);
  let ahead = readAhead(disk, folder, wanted[0]);
  for (const [index, segment] of wanted.entries()) {
    const ends = index === wanted.length - 1;
    const bytes = await ahead;
    ahead = readAhead(disk, folder, wanted[index + 1]);
    // Damage at the end of a segment that has a successor cannot be a torn tail: the successor's name says how far it got.
    if (last) account(reading, last.segment, last.torn, segment.first);
    else account(reading, segment, null, segment.first);
    last = readSegment(join(folder, segment.name), segment, bytes, ends, reading);
  }
  const end = reading.expected - 1;
  state.seq = Math.max(state.seq, end);
  return { segments, last, damage: reading.damage, records: reading.records, end };
}

/** Begins to read the next segment while this one is folded. */
function readAhead(disk: Disk, folder: string, segment: Segment | undefined): Promise<Buffer> {
  const bytes = segment
    ? readSalvaging(disk, join(folder, segment.name), segment.bytes)
    : Promise.resolve(Buffer.alloc(0));
  // An error is told when its turn comes; it may be that the one before ends it all.
  bytes.catch(() => undefined);
  return bytes;
}

function readSegment(file: string, segment: Segment, bytes: Buffer, ends: boolean, reading: Reading): LastSegment {
  const spanOf = (start: number, end: number): Span => ({ segment, offset: start, bytes: bytes.subarray(start, end) });
  // Only the last segment is looked at as a whole before it is folded: a million records are not gathered first.
  const pieces = ends ? [...scan(bytes)] : [];
  for (const piece of pieces) refuseNewer(piece, file);
  const whole = wholePieces(pieces, bytes, reading.expected);
  let bad: Span | null = null;
  let end = 0;
  for (const piece of ends ? pieces.slice(0, whole) : scan(bytes)) {
    refuseNewer(piece, file);
    if (piece.kind !== 'record') {
      bad = spanOf(piece.start, piece.end);
      continue;
    }
    account(reading, segment, bad, piece.record.seq);
    bad = null;
    take(reading, piece.record, () => spanOf(piece.start, piece.end));
    end = piece.end;
  }
  const from = pieces[whole]?.start ?? bytes.length;
  const torn = from < bytes.length ? spanOf(from, pieces.at(-1)?.end ?? from) : bad;
  return { segment, bytes, end, torn };
}

function refuseNewer(piece: Piece, file: string): void {
  if (piece.kind !== 'newer') return;
  throw newerError({ zh: `${file} 中的记录`, en: `${file} holds records` }, piece.version, RECORD_VERSION);
}

/**
 * How many pieces of the last segment come before a hole in its last append. A power cut may leave later sectors of a
 * write without earlier ones. That append was never acknowledged, and what it wrote after the hole was decided by what it
 * wrote there: it goes as a whole. A hole before the last append is damage to records that were accepted.
 */
function wholePieces(pieces: readonly Piece[], bytes: Buffer, expected: number): number {
  let next = expected;
  let before: Piece | undefined;
  let hole = pieces.length;
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'record') {
      const { seq, at } = piece.record;
      const later = before?.kind === 'record' && before.record.at !== at;
      if (later || beginsAppend(bytes, piece.start)) hole = pieces.length;
      else if (seq > next) hole = Math.min(hole, before?.kind === 'bad' ? index - 1 : index);
      next = Math.max(next, seq + 1);
    }
    before = piece;
  }
  return hole;
}

/**
 * Whether an append begins here: behind one blank line. A sector that was not written is blank as a whole, so what seems
 * to be one blank line is one. (Records of version 1 have none; there the moment tells appends apart.)
 */
function beginsAppend(bytes: Buffer, start: number): boolean {
  if (start === 0) return true;
  return bytes[start - 1] === LF && bytes[start - 2] === LF && start > 2 && bytes[start - 3] !== LF;
}

function take(reading: Reading, record: JournalRecord, spanOf: () => Span): void {
  if (record.seq < reading.expected) {
    const span = spanOf();
    const text = fill(AGAIN, { seq: `${record.seq}`, size: size(span) });
    reading.damage.push({ segment: span.segment, span, records: 0, text });
    return;
  }
  reading.expected = record.seq + 1;
  if (record.seq <= reading.state.seq) return;
  reading.fold(reading.state, record);
  reading.records += 1;
}

/** Before `next`: notes the bad bytes that stood there, if any, and the records that are missing, if any. */
function account(reading: Reading, segment: Segment, span: Span | null, next: number): void {
  const first = reading.expected;
  const records = Math.max(0, next - first);
  if (!span && records === 0) return;
  const which = records > 1 ? MISSING.several : records > 0 ? MISSING.one : MISSING.none;
  const text = fill(which, { first: `${first}`, last: `${next - 1}`, before: `${first - 1}`, size: size(span) });
  reading.damage.push({ segment, span, records, text });
  reading.expected = first + records;
}

function size(span: Span | null): Sentence {
  if (!span) return { zh: '空白', en: 'blank' };
  const { length } = span.bytes;
  return { zh: `${length} 字节`, en: length === 1 ? '1 byte' : `${length} bytes` };
}
