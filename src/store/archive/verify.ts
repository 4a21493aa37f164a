/** Reads every byte of an archive, and changes nothing. */
import { join } from 'node:path';
import { assertNever, type Said, type Sentence } from '../../core/errors.ts';
import { fill } from '../../core/sentence.ts';
import { LF } from '../codec.ts';
import type { Disk } from '../disk.ts';
import { errorSaid } from '../files.ts';
import { linesOf } from './line.ts';
import { type FileName, nameOf, readName } from './names.ts';
import { parseTraffic } from './traffic-file.ts';
import { indexData, parseIndex } from './visits-file.ts';

export interface Problem {
  readonly file: string;
  /** Where, in bytes from the file's beginning. */
  readonly byte: number;
  readonly text: Said;
}

export interface Verified {
  /** Files read, indexes included. */
  readonly files: number;
  /** Lines whose checksum was right. */
  readonly lines: number;
  readonly problems: readonly Problem[];
}

/** Checks every file of the folder that is the archive's own; one that goes meanwhile is none. @throws the disk's error. */
export async function verifyArchive(disk: Disk, folder: string): Promise<Verified> {
  const problems: Problem[] = [];
  let files = 0;
  let lines = 0;
  const listed = await disk.list(folder);
  for (const { name: file } of listed) {
    const name = readName(file);
    if (name === null) continue;
    const onBad = (byte: number, text: Said): void => void problems.push({ file, byte, text });
    try {
      const data = await disk.readFile(join(folder, file));
      if (data === null) continue;
      files += 1;
      const dataFile = nameOf({ ...name, kind: 'visits.jsonl' });
      const of = listed.find((other) => other.name === dataFile)?.bytes ?? 0;
      lines += verifyFile(name, data, of, onBad);
    } catch (error) {
      onBad(0, errorSaid(error));
    }
  }
  return { files, lines, problems };
}

type OnBad = (byte: number, text: Said) => void;

const NO_INDEX: Sentence = {
  zh: '索引损坏，或不属于此文件；网关会重建',
  en: 'the index is damaged, or not of its file; the gate makes it again',
};
const NOT_AS_WRITTEN: Sentence = { zh: '{n} 字节与写入时不同', en: '{n} bytes are not as they were written' };
const NO_NEWLINE: Sentence = { zh: '缺少末尾的换行', en: 'its last newline is missing' };

/**
 * Checks one file; `dataBytes` is the size of the data that an index is of. @returns how many lines were right.
 * @throws Newer when a newer Gatepost wrote it.
 */
export function verifyFile(name: FileName, data: Buffer, dataBytes: number, onBad: OnBad): number {
  const atEnd = (reason: Sentence): void => onBad(data.length, reason);
  switch (name.kind) {
    case 'visits.jsonl':
      return verifyLines(data, onBad, () => indexData(data, atEnd));
    case 'traffic.jsonl':
      return verifyLines(data, onBad, () => parseTraffic(data, name, atEnd));
    case 'visits.idx':
      if (parseIndex(data, dataBytes) !== null) return 1;
      onBad(0, NO_INDEX);
      return 0;
    default:
      return assertNever(name.kind);
  }
}

/** `whole` looks at what only sound lines tell: whether some are missing. */
function verifyLines(data: Buffer, onBad: OnBad, whole: () => unknown): number {
  let at = 0;
  let lines = 0;
  let bad = 0;
  for (const { line, length } of linesOf(data)) {
    if (line === null) {
      bad += 1;
      onBad(at, fill(NOT_AS_WRITTEN, { n: String(Math.min(length, data.length - at)) }));
    } else {
      lines += 1;
    }
    at += length;
  }
  if (bad > 0) return lines;
  if (data.length > 0 && data[data.length - 1] !== LF) onBad(data.length, NO_NEWLINE);
  whole();
  return lines;
}
