/** Reading the journal back. Reading changes nothing on the disk: a folder that is refused is left as it was. */
import { join } from 'node:path';
import { assertNever } from '../core/errors.ts';
import type { JournalRecord } from '../core/park/events.ts';
import type { State } from '../core/park/state.ts';
import { RECORD_VERSION, scan } from './codec.ts';
import type { Disk } from './disk.ts';
import { StoreError } from './files.ts';
import { listSegments, type Segment } from './segment.ts';

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
  readonly text: string;
}

/** The segment that is written on, as it was read. */
export interface LastSegment {
  readonly segment: Segment;
  readonly bytes: Buffer;
  /** Where the last record's line ends, its newline included; 0 without a record. */
  readonly used: number;
  /** What was being written when the power went. */
  readonly torn: Span | null;
}

export interface Replay {
  readonly segments: readonly Segment[];
  readonly last: LastSegment | null;
  readonly damage: readonly Damage[];
  /** Records folded in. */
  readonly records: number;
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
  for (const segment of segments.slice(begin)) {
    // Damage at the end of a segment that has a successor cannot be a torn tail: the successor's name says how far it got.
    if (last) account(reading, last.segment, last.torn, segment.first);
    else account(reading, segment, null, segment.first);
    last = await readSegment(disk, folder, segment, reading);
  }
  state.seq = Math.max(state.seq, reading.expected - 1);
  return { segments, last, damage: reading.damage, records: reading.records };
}

async function readSegment(disk: Disk, folder: string, segment: Segment, reading: Reading): Promise<LastSegment> {
  const bytes = (await disk.readFile(join(folder, segment.name))) ?? Buffer.alloc(0);
  const spanOf = (start: number, end: number): Span => ({ segment, offset: start, bytes: bytes.subarray(start, end) });
  let bad: Span | null = null;
  let used = 0;
  for (const piece of scan(bytes)) {
    switch (piece.kind) {
      case 'newer':
        throw new StoreError(
          `${join(folder, segment.name)} holds records of version ${piece.version}, and this Gatepost knows versions up ` +
            `to ${RECORD_VERSION}: nothing was changed; install the version that wrote them, or a newer one`,
        );
      case 'bad':
        bad = spanOf(piece.start, piece.end);
        break;
      case 'record':
        account(reading, segment, bad, piece.record.seq);
        bad = null;
        take(reading, piece.record, spanOf(piece.start, piece.end));
        used = Math.min(piece.end + 1, bytes.length);
        break;
      default:
        assertNever(piece);
    }
  }
  return { segment, bytes, used, torn: bad };
}

function take(reading: Reading, record: JournalRecord, span: Span): void {
  if (record.seq < reading.expected) {
    const text = `record ${record.seq} again (${size(span)})`;
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
  const which = records > 1 ? `records ${first} to ${next - 1}` : `record ${first}`;
  const text = records > 0 ? `${which} (${size(span)})` : `${size(span)} after record ${first - 1}`;
  reading.damage.push({ segment, span, records, text });
  reading.expected = first + records;
}

function size(span: Span | null): string {
  if (!span) return 'blank';
  return span.bytes.length === 1 ? '1 byte' : `${span.bytes.length} bytes`;
}
