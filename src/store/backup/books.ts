/**
 * The data folder as a backup takes it, while the gate writes on: the state as it was at one record, as after a power cut
 * right behind it. No lock is taken and nothing is changed.
 *
 * The order makes it consistent. First the snapshots, then the end of the journal (so no snapshot is ahead of it), then its
 * segments, and the archive last: what the journal says is archived lies there. Retention removes the oldest first; segments
 * and batches are read from the newest back, so what goes meanwhile is missing at the far end, as if it had gone before. The
 * segments that a start needs beside these snapshots are held open: later snapshots may let them go.
 */
import { join } from 'node:path';
import type { Said, Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { ARCHIVE_VERSION, Newer } from '../archive/line.ts';
import { nameOf, readName } from '../archive/names.ts';
import { verifyFile } from '../archive/verify.ts';
import { LF, RECORD_VERSION, scan } from '../codec.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { errorCode, errorText, StoreError } from '../files.ts';
import { MARKER_FILE, type Marker, markerBytes, readMarker } from '../marker.ts';
import { readOpened, readSalvaging } from '../salvage.ts';
import { listSegments, type Segment } from '../segment.ts';
import { PREVIOUS_FILE, parseSnapshot, SNAPSHOT_FILE } from '../snapshot.ts';
import { shortOf } from '../store.ts';
import { BackupRefused } from './refused.ts';

/** A file of a backup, whole: the largest is a segment of the journal, or the snapshot. */
export interface BackupFile {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

export interface Books {
  /** The last record that is in it; 0 without any. */
  readonly seq: number;
  /** What there is to read, in bytes, about. */
  readonly bytes: number;
  /** The files, under `data/`. `onDamage` hears of what is not as it was written; that is taken as it is. */
  files(onDamage: OnDamage): AsyncGenerator<BackupFile, void, undefined>;
  /** Lets go of the files that are held open. */
  close(): Promise<void>;
}

/** A file of the data folder, and what is wrong with it, for a person. */
const AT_BYTE: Sentence = { zh: '第 {at} 字节：{text}', en: 'byte {at}: {text}' };

export type OnDamage = (file: string, text: Said) => void;

export interface BooksParts {
  readonly disk: Disk;
  /** The data folder. */
  readonly dir: string;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** The state of the folder that matters once it is put back. */
const MODE = 0o640;
/** An append is whole after this time, in ms; what is damaged then stays so. */
const IN_THE_MAKING_MS = 100;

interface Held {
  readonly file: string;
  readonly bytes: Buffer;
  /** The last record in it; null when it cannot be used. */
  readonly seq: number | null;
  readonly problem: string | null;
}

/** The segment that is written on, cut behind the last record that counts. */
interface HeldTail {
  readonly segment: Segment;
  readonly bytes: Buffer;
  readonly seq: number;
  readonly problems: readonly string[];
}

/** What is fixed before anything is written: the snapshots, the end of the journal, and what a start needs between them. */
interface Fixed {
  readonly snapshots: readonly Held[];
  /** The last record that one of them holds; 0 without any. */
  readonly covered: number;
  readonly marker: Marker | null;
  readonly segments: readonly Segment[];
  /** By name: the segments with records that no snapshot holds. */
  readonly open: ReadonlyMap<string, DiskFile>;
  readonly last: Segment;
  readonly tail: HeldTail;
}

/** Retention may go over the folder meanwhile; it has an hour's rest then. */
const TRIES = 5;

/**
 * Fixes what the backup will hold.
 * @throws BackupRefused when the folder holds no journal, or a newer version wrote it; StoreError, the disk's error.
 */
export async function openBooks(parts: BooksParts): Promise<Books> {
  const { disk, dir } = parts;
  const fixed = await fix(parts, TRIES);
  const { snapshots, covered, marker, segments, last, tail, open } = fixed;
  const archive = await disk.list(join(dir, 'archive'));
  const short = shortOf({ last: { segment: last }, end: tail.seq }, marker, covered);
  // Where the journal is short, its marker is the evidence.
  const kept = short !== null && marker ? marker : last;

  async function* files(onDamage: OnDamage): AsyncGenerator<BackupFile, void, undefined> {
    if (short !== null) onDamage('journal', short);
    for (const { file, bytes, problem } of snapshots) {
      if (problem !== null) onDamage(file, problem);
      yield { name: `data/${file}`, mode: MODE, content: bytes };
    }
    yield { name: `data/${MARKER_FILE}`, mode: MODE, content: markerBytes(kept) };
    yield* journalFiles(disk, join(dir, 'journal'), fixed, onDamage);
    yield* archiveFiles(disk, join(dir, 'archive'), onDamage);
    for (const { name, bytes } of await disk.list(join(dir, 'aside'))) {
      const content = await readSalvaging(disk, join(dir, 'aside', name), bytes);
      yield { name: `data/aside/${name}`, mode: MODE, content };
    }
  }
  const sizes = [...segments, ...archive, ...snapshots.map(({ bytes }) => ({ bytes: bytes.length }))];
  return {
    seq: Math.max(tail.seq, covered),
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
    close: () => closeAll(open),
  };
}

async function closeAll(open: ReadonlyMap<string, DiskFile>): Promise<void> {
  for (const file of open.values()) await file.close();
}

/** Again from the beginning where retention was faster: unless that is how the folder is. */
async function fix(parts: BooksParts, tries: number): Promise<Fixed> {
  const { disk, dir, sleep } = parts;
  const folder = join(dir, 'journal');
  const held = await Promise.all([SNAPSHOT_FILE, PREVIOUS_FILE].map((file) => holdSnapshot(disk, dir, file)));
  const snapshots = held.filter((each) => each !== null);
  const covered = Math.max(0, ...snapshots.map(({ seq }) => seq ?? 0));
  const marker = await readMarker(disk, dir);
  const segments = await listSegments(disk, folder);
  const last = segments.at(-1);
  if (!last) {
    throw new BackupRefused({
      zh: `${dir} 里没有账本（没有 journal/000000000001.jsonl 或更后的文件），没有可备份的内容；请检查配置里的 "data"`,
      en: `${dir} holds no journal (no journal/000000000001.jsonl or later), so there is nothing to back up: correct "data" of the configuration`,
    });
  }
  const open = new Map<string, DiskFile>();
  try {
    const needed = segments.slice(
      Math.max(
        0,
        segments.findLastIndex(({ first }) => first <= covered + 1),
      ),
    );
    let gone = (needed[0]?.first ?? 1) > covered + 1;
    for (const { name } of needed) {
      const file = await openIfThere(disk, join(folder, name));
      if (file) open.set(name, file);
      else gone = true;
    }
    const file = open.get(last.name);
    if (gone && tries > 1) {
      await closeAll(open);
      return await fix(parts, tries - 1);
    }
    if (!file) throw new StoreError(`${join(folder, last.name)} is listed, and cannot be found`);
    return { snapshots, covered, marker, segments, open, last, tail: await holdTail(file, last, sleep) };
  } catch (error) {
    await closeAll(open);
    throw error;
  }
}

async function openIfThere(disk: Disk, path: string): Promise<DiskFile | null> {
  return await disk.open(path, 'read').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
}

/** A snapshot as it is now; null if there is none. @throws StoreError when a newer version wrote it. */
async function holdSnapshot(disk: Disk, dir: string, file: string): Promise<Held | null> {
  const path = join(dir, file);
  const size = (await disk.list(dir)).find(({ name }) => name === file)?.bytes;
  if (size === undefined) return null;
  const bytes = await readSalvaging(disk, path, size);
  // It may go between the two looks, while the next one takes its place.
  if (bytes.length === 0 && size > 0) return null;
  try {
    return { file, bytes, seq: parseSnapshot(bytes, path).seq, problem: null };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return { file, bytes, seq: null, problem: errorText(error) };
  }
}

interface Problem {
  /** In bytes from the beginning. */
  readonly at: number;
  readonly text: string;
}

interface Looked {
  readonly bytes: Buffer;
  /** The last record's number and end. Without one: that before the segment's first, and 0. */
  readonly seq: number;
  readonly end: number;
  readonly problems: readonly Problem[];
}

/** Looks at every byte of a segment. `bytes` may end before the segment does. @throws BackupRefused for a newer record. */
function look(bytes: Buffer, { first, name }: Segment): Looked {
  const problems: Problem[] = [];
  let expected = first;
  let end = 0;
  for (const piece of scan(bytes)) {
    if (piece.kind === 'newer') throw newer(`journal/${name}`, piece.version, RECORD_VERSION);
    if (piece.kind === 'bad') {
      problems.push({ at: piece.start, text: `${piece.end - piece.start} bytes at byte ${piece.start} are no record` });
      continue;
    }
    const { seq } = piece.record;
    if (seq < expected) {
      problems.push({ at: piece.start, text: `record ${seq} at byte ${piece.start} comes again` });
      continue;
    }
    if (seq > expected) problems.push({ at: piece.start, text: missing(expected, seq) });
    expected = seq + 1;
    end = piece.end;
  }
  return { bytes, seq: expected - 1, end, problems };
}

function missing(from: number, before: number): string {
  return before - from === 1 ? `record ${from} is missing` : `records ${from} to ${before - 1} are missing`;
}

/**
 * The last segment, cut at an append's end. While it is read the gate may be writing: what looks damaged is looked at again,
 * and what is damaged only then is an append in the making, which nobody has been told of. What stays damaged is taken as it is.
 */
async function holdTail(file: DiskFile, segment: Segment, sleep: BooksParts['sleep']): Promise<HeldTail> {
  const read = async (): Promise<Looked> => look(await readOpened(file, segment.bytes), segment);
  const once = await read();
  if (once.problems.length === 0) return cut(segment, once, once.end);
  await sleep(IN_THE_MAKING_MS);
  const twice = await read();
  const known = new Set(once.problems.map(({ at, text }) => `${at} ${text}`));
  const fresh = twice.problems.find(({ at, text }) => !known.has(`${at} ${text}`));
  if (!fresh) {
    const torn = twice.problems.some(({ at }) => at >= twice.end);
    return cut(segment, twice, torn ? twice.bytes.length : twice.end);
  }
  const upTo = look(twice.bytes.subarray(0, fresh.at), segment);
  return cut(segment, { ...upTo, bytes: twice.bytes }, upTo.end);
}

/** From `end` on the segment is filler, as it was before. */
function cut(segment: Segment, { bytes, seq, problems }: Looked, end: number): HeldTail {
  const content = Buffer.alloc(bytes.length, LF);
  bytes.copy(content, 0, 0, end);
  return { segment, bytes: content, seq, problems: problems.map(({ text }) => text) };
}

/** The newest first. */
async function* journalFiles(
  disk: Disk,
  folder: string,
  { segments, tail, covered, open }: Fixed,
  onDamage: OnDamage,
): AsyncGenerator<BackupFile, void, undefined> {
  const fileOf = ({ name }: Segment, content: Buffer): BackupFile => ({
    name: `data/journal/${name}`,
    mode: MODE,
    content,
  });
  for (const text of tail.problems) onDamage(`journal/${tail.segment.name}`, text);
  yield fileOf(tail.segment, tail.bytes);
  let next = tail.segment.first;
  for (const segment of segments.slice(0, -1).toReversed()) {
    const { name, first, bytes } = segment;
    const held = open.get(name);
    const content = held ? await readOpened(held, bytes) : await readSalvaging(disk, join(folder, name), bytes);
    if (content.length === 0 && bytes > 0) break;
    const { seq, problems } = look(content, segment);
    const texts = problems.map(({ text }) => text);
    if (seq + 1 < next) texts.push(missing(seq + 1, next));
    for (const text of texts) onDamage(`journal/${name}`, text);
    yield fileOf(segment, content);
    next = first;
  }
  if (next > covered + 1)
    onDamage('journal', `records ${covered + 1} to ${next - 1} are in no snapshot and no segment`);
}

/** The newest batches first; an index after its data, and only with them. */
async function* archiveFiles(
  disk: Disk,
  folder: string,
  onDamage: OnDamage,
): AsyncGenerator<BackupFile, void, undefined> {
  const listed = (await disk.list(folder)).flatMap(({ name, bytes }) => {
    const read = readName(name);
    return read === null ? [] : [{ name, bytes, read }];
  });
  const sizes = new Map<string, number>();
  const order = ['traffic.jsonl', 'visits.jsonl', 'visits.idx'];
  listed.sort((a, b) => b.read.batch - a.read.batch || order.indexOf(a.read.kind) - order.indexOf(b.read.kind));
  for (const { name, bytes, read } of listed) {
    const of = sizes.get(nameOf({ ...read, kind: 'visits.jsonl' })) ?? 0;
    if (read.kind === 'visits.idx' && of === 0) continue;
    const content = await readSalvaging(disk, join(folder, name), bytes);
    if (content.length === 0 && bytes > 0) continue;
    sizes.set(name, content.length);
    try {
      verifyFile(read, content, of, (at, text) => onDamage(`archive/${name}`, fill(AT_BYTE, { at: String(at), text })));
    } catch (error) {
      if (error instanceof Newer) throw newer(`archive/${name}`, error.version, ARCHIVE_VERSION);
      throw error;
    }
    yield { name: `data/archive/${name}`, mode: MODE, content };
  }
}

function newer(file: string, version: number, known: number): BackupRefused {
  return new BackupRefused({
    zh: `${file} 的格式版本是 ${version}，本程序只认识到 ${known}；请用写它的那个版本（或更新的版本）来备份`,
    en: `${file} is of version ${version}, and this Gatepost knows versions up to ${known}: back up with the version that wrote it, or a newer one`,
  });
}
