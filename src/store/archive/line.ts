/**
 * A line of an archive file: `{"v":1,…,"crc":"1a2b3c4d"}`, as in the journal: valid JSON by itself, and `crc` is the
 * CRC-32 of the line's bytes before `,"crc"`. So one bad byte costs one line at most.
 */
import { crc32 } from 'node:zlib';
import type { Sentence } from '../../core/errors.ts';
import { hex, LF } from '../codec.ts';

/** The version of the archive files written here. Greater ones are refused. */
export const ARCHIVE_VERSION = 1;

const CRC_KEY = ',"crc":"';
const TAIL_BYTES = CRC_KEY.length + 8 + 2;

/** What is wrong with a file. */
export const EMPTY: Sentence = { zh: '文件是空的', en: 'it is empty' };
export const LINES: Sentence = { zh: '其中 {n} 行', en: '{n} of its lines' };

/** What a line holds beside its version and checksum. */
export type Line = Readonly<Record<string, unknown>>;

/** A file of a newer Gatepost: nothing may be touched. */
export class Newer extends Error {
  override readonly name = 'Newer';
  readonly version: number;
  constructor(version: number) {
    super(`of version ${version}`);
    this.version = version;
  }
}

/** The object, of a field or more, as a line with its newline. */
export function lineOf(content: object): string {
  const text = `{"v":${ARCHIVE_VERSION},${JSON.stringify(content).slice(1, -1)}`;
  return `${text}${CRC_KEY}${hex(crc32(text))}"}\n`;
}

/**
 * What a line without its newline holds; null when it is not as it was written.
 * @throws Newer when a newer Gatepost wrote it.
 */
export function readLine(bytes: Buffer): Line | null {
  const end = bytes.length - TAIL_BYTES;
  if (end <= 0 || bytes.toString('latin1', end) !== `${CRC_KEY}${hex(crc32(bytes.subarray(0, end)))}"}`) return null;
  // The checksum says that `lineOf` wrote this, so it is JSON.
  const { v, ...content }: Line & { readonly v: number } = JSON.parse(bytes.toString());
  if (v > ARCHIVE_VERSION) throw new Newer(v);
  return content;
}

/** The lines of a file with their length in bytes, newline included; null for each that is not as it was written. */
export function* linesOf(
  bytes: Buffer,
): Generator<{ readonly line: Line | null; readonly length: number }, void, undefined> {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(LF, start);
    const end = newline === -1 ? bytes.length : newline;
    yield { line: readLine(bytes.subarray(start, end)), length: end + 1 - start };
    start = end + 1;
  }
}
