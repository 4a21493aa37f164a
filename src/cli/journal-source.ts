/** What a person may name as a journal: a data folder, a configuration file, a journal's file, or `-`. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Said, Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { type Zone, zoneOf } from '../core/time.ts';
import { realDisk } from '../store/disk.ts';
import { errorCode, errorSaid, StoreError } from '../store/files.ts';
import { listSegments } from '../store/segment.ts';
import { loadFile } from './load.ts';
import { meaningless, type Terminal, UsageError } from './terminal.ts';

export type Source =
  | {
      readonly kind: 'folder';
      /** The data folder; null when only the folder of the segments was named. */
      readonly data: string | null;
      /** The folder of the segments. */
      readonly folder: string;
    }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'pipe' };

export interface NamedSource {
  readonly source: Source;
  /** The zone of the configuration that was named, if it was one. */
  readonly zone: Zone | null;
}

const CONFIGURATION = /\.ya?ml$/i;
const WAY_OUT: Sentence = {
  zh: '请写数据文件夹、配置文件（.yaml）、日志账本的文件，或 - 表示管道',
  en: 'name a data folder, a configuration file (.yaml), a file of the journal, or - for a pipe',
};
const NOT_FOUND: Sentence = { zh: '没有这个文件或文件夹', en: 'there is no such file or folder' };
const MISSING: Sentence = { zh: '{name}：{reason}；{wayOut}', en: '{name}: {reason}; {wayOut}' };
const NO_JOURNAL: Sentence = {
  zh: '{name} 中没有日志账本（没有 journal/000000000001.jsonl 或更后的文件）：{wayOut}',
  en: '{name} holds no journal (no journal/000000000001.jsonl or later): {wayOut}',
};
const NEEDS_DATA: Sentence = {
  zh: '{what} 需要数据文件夹，就是含有 "journal" 和快照的那个，而不是 {given}',
  en: '{what} needs the data folder, the one that holds "journal" and the snapshots, not {given}',
};
/** Told beside what was found of damage. */
export function badSaid(what: Said): Sentence {
  return fill({ zh: '损坏：{what}', en: 'BAD: {what}' }, { what });
}

/**
 * What a command was told to read.
 * @throws UsageError when it is not exactly one thing; and as {@link sourceOf}.
 */
export async function namedSource(positionals: readonly string[], terminal: Terminal): Promise<NamedSource | null> {
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError(WAY_OUT);
  if (more.length > 0) throw meaningless(more);
  return await sourceOf(name, terminal);
}

/**
 * @returns null when it is a configuration that cannot be used; what is wrong with it is on the terminal then.
 * @throws StoreError when there is no such thing, or no journal in it.
 */
async function sourceOf(name: string, terminal: Terminal): Promise<NamedSource | null> {
  if (name === '-') return { source: { kind: 'pipe' }, zone: null };
  if (isConfiguration(name)) {
    const configured = await configuredData(name, terminal);
    return configured && { source: await folderSource(configured.data), zone: configured.zone };
  }
  if (await isFolder(name, WAY_OUT)) return { source: await folderSource(name), zone: null };
  return { source: { kind: 'file', file: name }, zone: null };
}

export function isConfiguration(name: string): boolean {
  return CONFIGURATION.test(name);
}

export interface DataFolder {
  readonly data: string;
  /** The zone of the configuration that named it, if one did. */
  readonly zone: Zone | null;
}

/** @returns null when the configuration cannot be used; what is wrong with it is on the terminal then. */
export async function configuredData(name: string, terminal: Terminal): Promise<DataFolder | null> {
  const config = await loadFile(name, terminal);
  if (!config) return null;
  const zone = config.parks[0]?.zone;
  return { data: config.data, zone: zone === undefined ? null : zoneOf(zone) };
}

/** @throws StoreError when there is no such thing; it ends with the way out. */
export async function isFolder(name: string, wayOut: Sentence): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory();
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? NOT_FOUND : errorSaid(error);
    throw new StoreError(fill(MISSING, { name, reason, wayOut }));
  }
}

async function folderSource(name: string): Promise<Source> {
  const folder = join(name, 'journal');
  if ((await listSegments(realDisk, folder)).length > 0) return { kind: 'folder', data: name, folder };
  if ((await listSegments(realDisk, name)).length > 0) {
    return { kind: 'folder', data: null, folder: name };
  }
  throw new StoreError(fill(NO_JOURNAL, { name, wayOut: WAY_OUT }));
}

/** The data folder of a source. @throws StoreError for a source that is none: `what` says what needs the snapshots, too. */
export function dataFolderOf(source: Source, what: string): string {
  if (source.kind === 'folder' && source.data !== null) return source.data;
  const given = source.kind === 'folder' ? source.folder : source.kind === 'file' ? source.file : '-';
  throw new StoreError(fill(NEEDS_DATA, { what, given }));
}
