/** Making a folder fit to be written on, after it has been read: bad bytes are kept aside, a torn tail is cut. */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Sentence } from '../core/errors.ts';
import { fill, joined } from '../core/sentence.ts';
import type { Faults, Log } from '../gateway/ports.ts';
import { hex, LF, scan } from './codec.ts';
import type { Disk } from './disk.ts';
import { errorSaid } from './files.ts';
import { GAP, type Tail } from './journal.ts';
import type { Damage, LastSegment, Span } from './recovery.ts';
import type { BadSnapshot } from './snapshot.ts';

export interface RepairParts {
  readonly disk: Disk;
  /** The folder for what is set aside. */
  readonly aside: string;
  readonly log: Log;
}

/** Damages of one file that a fault names; the others are counted. */
const NAMED = 3;

const COMMA: Sentence = { zh: '，', en: ', ' };
const MORE: Sentence = { zh: '，另有 {n} 处', en: ' and {n} more' };
const BYTES: Sentence = { zh: '{n} 字节', en: '{n} bytes' };
const NOT_KEPT: Sentence = {
  zh: '损坏的数据未能另存，仍留在日志账本中',
  en: 'bad bytes could not be kept aside; they stay in the journal',
};
const NOT_MOVED: Sentence = { zh: '损坏的快照未能移开', en: 'a bad snapshot could not be moved aside' };

/**
 * Keeps bytes aside under a name made of their place and checksum, so that each is kept once however often it is found.
 * @returns the name, or null when it could not be written. The start goes on: a full disk must not hold the gate.
 */
async function keepAside({ disk, aside, log }: RepairParts, span: Span): Promise<string | null> {
  const name = `${span.segment.name}.${span.offset}.${hex(crc32(span.bytes))}`;
  try {
    await disk.makeFolder(aside);
    const file = await disk.open(join(aside, name), 'create');
    try {
      await file.write(span.bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.syncFolder(aside);
    return name;
  } catch (error) {
    log.info(NOT_KEPT, { file: name, reason: errorSaid(error) });
    return null;
  }
}

/** Raises RECORD_BAD for each damaged segment. The segments themselves stay as they are: they are the evidence. */
export async function reportDamage(parts: RepairParts, damage: readonly Damage[], faults: Faults): Promise<void> {
  const texts = new Map<string, Sentence[]>();
  for (const { segment, span, text } of damage) {
    if (span) await keepAside(parts, span);
    texts.set(segment.name, [...(texts.get(segment.name) ?? []), text]);
  }
  for (const [name, all] of texts) {
    const named = joined(all.slice(0, NAMED), COMMA);
    const more = all.length > NAMED ? fill(MORE, { n: String(all.length - NAMED) }) : '';
    faults.raise('RECORD_BAD', `journal/${name}`, joined([named, more], ''));
  }
}

/**
 * Opens the last segment for the next record. A torn tail is kept aside and overwritten with filler, so that no record
 * ever joins it. What was read is written once more and flushed: after a kill, or an error of the disk, it may have been
 * in memory only, and nothing may leave before it is on the disk.
 */
export async function openTail(parts: RepairParts, folder: string, last: LastSegment): Promise<Tail> {
  const { segment, torn } = last;
  let end = last.end;
  if (torn) {
    const kept = await keepAside(parts, torn);
    parts.log.notice('JOURNAL_TORN', {
      value: fill(BYTES, { n: String(torn.bytes.length) }),
      file: segment.name,
      bytes: torn.bytes.length,
      kept,
    });
    if (kept !== null) torn.bytes.fill(LF);
    else {
      // Not kept aside, it is left where it is, but for a mark on whole records: they must not be taken for accepted ones.
      for (const piece of scan(torn.bytes)) if (piece.kind === 'record') torn.bytes.write('#', piece.start);
      end = torn.offset + torn.bytes.length;
    }
  }
  const file = await parts.disk.open(join(folder, segment.name), 'durable');
  const dirty = Math.max(end, torn ? torn.offset + torn.bytes.length : 0);
  try {
    await file.write(last.bytes.subarray(0, dirty), 0);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { file, segment, used: end === 0 ? 0 : end + 1 + GAP };
}

/** Moves a snapshot that could not be used out of the way of the good generation, byte for byte. */
export async function moveAside({ disk, aside, log }: RepairParts, folder: string, bad: BadSnapshot): Promise<void> {
  const { file, bytes } = bad;
  try {
    await disk.makeFolder(aside);
    await disk.rename(join(folder, file), join(aside, `${file}.${bytes ? hex(crc32(bytes)) : 'unreadable'}`));
    await disk.syncFolder(aside);
    await disk.syncFolder(folder);
  } catch (error) {
    log.info(NOT_MOVED, { file, reason: errorSaid(error) });
  }
}
