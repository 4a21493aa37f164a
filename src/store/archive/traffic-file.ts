/** The passages of one batch: `….traffic.jsonl`, a header, and lines of up to a thousand moments. */
import { join } from 'node:path';
import type { Sentence } from '../../core/errors.ts';
import type { ParkId } from '../../core/ids.ts';
import type { Direction } from '../../core/park/model.ts';
import type { SealedBatch } from '../../core/park/state.ts';
import { fill } from '../../core/sentence.ts';
import { type Instant, SECOND } from '../../core/time.ts';
import type { Disk } from '../disk.ts';
import { EMPTY, LINES, lineOf, linesOf } from './line.ts';
import { dayOf, type FileName, nameOf } from './names.ts';
import { writeWhole } from './whole-file.ts';

const MOMENTS_PER_LINE = 1_000;
const PASSAGES_MISSING: Sentence = { zh: '末尾缺少 {n} 次过车', en: '{n} passage(s) are missing at its end' };

/** A file of passages, in memory: 4 bytes a passage. */
export interface TrafficFile {
  readonly name: FileName;
  readonly bytes: number;
  /** Seconds since 1970, rounded down, ascending. */
  readonly in: Uint32Array;
  readonly out: Uint32Array;
}

/** Writes the file. Its name is safe once the folder is synced. */
export async function writeTraffic(disk: Disk, folder: string, park: ParkId, batch: SealedBatch): Promise<TrafficFile> {
  const { passages, closedBefore } = batch;
  const name: FileName = { park, day: dayOf(closedBefore), batch: batch.batch, kind: 'traffic.jsonl' };
  function* lines(): Generator<string, void, undefined> {
    yield lineOf({ park, batch: batch.batch, passagesIn: passages.in.length, passagesOut: passages.out.length });
    for (const direction of ['in', 'out'] as const) {
      const list = passages[direction];
      for (let at = 0; at < list.length; at += MOMENTS_PER_LINE) {
        yield lineOf({ [direction]: list.slice(at, at + MOMENTS_PER_LINE) });
      }
    }
  }
  const bytes = await writeWhole(disk, folder, nameOf(name), lines());
  return { name, bytes, in: secondsOf(passages.in), out: secondsOf(passages.out) };
}

interface TrafficLine {
  readonly passagesIn?: number;
  readonly passagesOut?: number;
  readonly in?: readonly Instant[];
  readonly out?: readonly Instant[];
}

/**
 * Reads a file. `onBad` hears of passages that could not be read.
 * @throws Newer when a newer Gatepost wrote it; the disk's error.
 */
export async function readTraffic(
  disk: Disk,
  folder: string,
  name: FileName,
  onBad: (reason: Sentence) => void,
): Promise<TrafficFile> {
  return parseTraffic((await disk.readFile(join(folder, nameOf(name)))) ?? Buffer.alloc(0), name, onBad);
}

/** The passages in these data; as {@link readTraffic}. @throws Newer when a newer Gatepost wrote them. */
export function parseTraffic(data: Buffer, name: FileName, onBad: (reason: Sentence) => void): TrafficFile {
  const found: Record<Direction, Instant[]> = { in: [], out: [] };
  let bad = 0;
  let promised = 0;
  for (const { line } of linesOf(data)) {
    if (line === null) bad += 1;
    // The checksum says that `writeTraffic` wrote this.
    const moments = (line ?? {}) as TrafficLine;
    promised += (moments.passagesIn ?? 0) + (moments.passagesOut ?? 0);
    found.in.push(...(moments.in ?? []));
    found.out.push(...(moments.out ?? []));
  }
  const missing = promised - found.in.length - found.out.length;
  if (data.length === 0) onBad(EMPTY);
  else if (bad > 0) onBad(fill(LINES, { n: String(bad) }));
  else if (missing > 0) onBad(fill(PASSAGES_MISSING, { n: String(missing) }));
  return { name, bytes: data.length, in: secondsOf(found.in), out: secondsOf(found.out) };
}

function secondsOf(moments: readonly Instant[]): Uint32Array {
  return Uint32Array.from(moments, (at) => Math.floor(at / SECOND));
}

/** Passages of a list in `[from, to)`. A list wholly inside or outside, as all but two are, costs two comparisons. */
export function countWithin(list: Uint32Array, from: number, to: number): number {
  const first = list[0];
  const last = list[list.length - 1];
  if (first === undefined || last === undefined || last < from || first >= to || to <= from) return 0;
  if (first >= from && last < to) return list.length;
  return below(list, to) - below(list, from);
}

/** How many of an ascending list are less than `limit`. */
function below(list: Uint32Array, limit: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? limit) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
