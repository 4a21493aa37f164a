/**
 * A record as a line: `{"v":2,"seq":N,"at":ms,"events":[...],"crc":"1a2b3c4d"}`, valid JSON by itself. `crc` is the CRC-32
 * of the line's bytes before `,"crc"`.
 *
 * Invariant for every later version: a line begins with `{"v":` and its number, and ends with that checksum. It is how an
 * older Gatepost tells a newer record, which it must not touch, from a broken one, which it sets aside.
 */
import { crc32 } from 'node:zlib';
import type { JournalRecord } from '../core/park/events.ts';

/**
 * The version of the records written here. Smaller ones are read (1: no archive, `swept` instead), greater ones refused.
 */
export const RECORD_VERSION = 2;

/** The byte between lines, and the filler of a segment: blank lines, so that `less` and `jq` read the file as it is. */
export const LF = 0x0a;

const HEAD = '{"v":';
const CRC_KEY = ',"crc":"';
/** `,"crc":"` + 8 digits + `"}` */
const TAIL_BYTES = CRC_KEY.length + 8 + 2;
/** UTF-8 takes at most three bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
const FIRST_BUFFER_BYTES = 64 * 1024;

/** A CRC-32 as eight hexadecimal digits. */
export function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** Turns records into lines, in one buffer that is used again and again: what it returned is good until the next call. */
export class RecordEncoder {
  #buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);

  /** The records' lines, each ended by a newline. */
  encode(records: readonly JournalRecord[]): Uint8Array {
    let used = 0;
    for (const { seq, at, events } of records) {
      const text = `${HEAD}${RECORD_VERSION},"seq":${seq},"at":${at},"events":${JSON.stringify(events)}`;
      this.#reserve(used, text.length * MAX_BYTES_PER_UNIT + TAIL_BYTES + 1);
      const end = used + this.#buffer.write(text, used);
      const crc = hex(crc32(this.#buffer.subarray(used, end)));
      used = end + this.#buffer.write(`${CRC_KEY}${crc}"}\n`, end, 'latin1');
    }
    return this.#buffer.subarray(0, used);
  }

  #reserve(used: number, more: number): void {
    if (used + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (used + more));
    this.#buffer.copy(larger, 0, 0, used);
    this.#buffer = larger;
  }
}

/** Where a piece lies in the bytes that were scanned. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export type Piece =
  | (Range & { readonly kind: 'record'; readonly record: JournalRecord })
  | (Range & { readonly kind: 'newer'; readonly version: number })
  | (Range & { readonly kind: 'bad' });

/**
 * What a segment holds, in order: records (`end` is before their newline), and runs of bytes that are neither records nor
 * blank lines. Runs are as long as can be: between two of them there is a record. A record is found wherever it
 * stands, also where the newline beside it was damaged, so that one bad byte costs one record at most.
 */
export function* scan(bytes: Buffer): Generator<Piece, void, undefined> {
  // The run of bad bytes so far; empty when its ends meet.
  let badStart = 0;
  let badEnd = 0;
  for (let start = skipBlank(bytes, 0); start < bytes.length; ) {
    const newline = bytes.indexOf(LF, start);
    const end = newline === -1 ? bytes.length : newline;
    const whole = decode(bytes, start, end);
    if (whole) {
      if (badStart < badEnd) yield { kind: 'bad', start: badStart, end: badEnd };
      badStart = badEnd;
      yield whole;
    } else {
      for (const piece of piecesOf(bytes, start, end)) {
        if (piece.kind === 'bad') {
          if (badStart === badEnd) badStart = piece.start;
          badEnd = piece.end;
          continue;
        }
        if (badStart < badEnd) yield { kind: 'bad', start: badStart, end: badEnd };
        badStart = badEnd;
        yield piece;
      }
    }
    start = skipBlank(bytes, end);
  }
  if (badStart < badEnd) yield { kind: 'bad', start: badStart, end: badEnd };
}

// A segment is mostly filler when it is young: a plain loop passes it at about a byte per ns.
function skipBlank(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] === LF) at += 1;
  return at;
}

/** The pieces of a line that is no record as a whole. */
function* piecesOf(bytes: Buffer, start: number, end: number): Generator<Piece, void, undefined> {
  let from = start;
  for (let key = bytes.indexOf(CRC_KEY, from); key !== -1 && key < end; key = bytes.indexOf(CRC_KEY, key + 1)) {
    const head = bytes.lastIndexOf(HEAD, key);
    if (head < from || key + TAIL_BYTES > end) continue;
    const piece = decode(bytes, head, key + TAIL_BYTES);
    if (!piece) continue;
    if (head > from) yield { kind: 'bad', start: from, end: head };
    yield piece;
    from = piece.end;
  }
  if (from < end) yield { kind: 'bad', start: from, end };
}

/** The record in these bytes, or null. A million of them are read at a start, so it makes nothing but the record. */
function decode(bytes: Buffer, start: number, end: number): Piece | null {
  const key = end - TAIL_BYTES;
  if (key <= start || crc32(bytes.subarray(start, key)) !== statedCrc(bytes, key)) return null;
  const line = parse(bytes.toString('utf8', start, end));
  if (line === null || !isCount(line.v)) return null;
  if (line.v > RECORD_VERSION) return { kind: 'newer', start, end, version: line.v };
  if (!isCount(line.seq) || !Number.isSafeInteger(line.at) || !Array.isArray(line.events)) return null;
  // The checksum says that these are the bytes that `encode` wrote, so the events are what its argument's type says.
  const { seq, at, events } = line as unknown as JournalRecord;
  return { kind: 'record', start, end, record: { seq, at, events } };
}

/** The checksum that `,"crc":"1a2b3c4d"}` at `key` states; -1 when it is anything else. */
function statedCrc(bytes: Buffer, key: number): number {
  const digits = key + CRC_KEY.length;
  for (let at = key; at < digits; at += 1) if (bytes[at] !== CRC_KEY.charCodeAt(at - key)) return -1;
  let crc = 0;
  for (let at = digits; at < digits + 8; at += 1) {
    const byte = bytes[at] ?? 0;
    const digit = byte >= 0x61 ? byte - 0x61 + 10 : byte - 0x30;
    if (digit < 0 || digit > 15 || (byte > 0x39 && byte < 0x61)) return -1;
    crc = crc * 16 + digit;
  }
  return bytes[digits + 8] === 0x22 && bytes[digits + 9] === 0x7d ? crc : -1;
}

interface Line {
  readonly v?: unknown;
  readonly seq?: unknown;
  readonly at?: unknown;
  readonly events?: unknown;
}

function parse(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}
