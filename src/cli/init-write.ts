/** Puts a site's files in their places: all of them, or none. */
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CREDENTIALS } from '../init/places.ts';
import type { PlannedFile } from '../init/plan.ts';

/** Who the files are for. */
export interface Owner {
  readonly root: boolean;
  /** The service's group; null while there is none. */
  readonly group: number | null;
}

/** What stands beside a file while it is being written. */
const NEW = '.gatepost-init';

/** The files that are there with another content. */
export function inTheWay(files: readonly PlannedFile[]): readonly PlannedFile[] {
  return files.filter(({ path, text }) => existsSync(path) && readFileSync(path, 'utf8') !== text);
}

/** The first folder of the way to `path` that exists and may not be written to; null when all is well. */
export function lockedFolder(path: string): string | null {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return folder;
  }
}

/**
 * Writes all files under other names, then gives them theirs, in their order. What was there is kept beside it.
 * @param stamp tells the kept ones apart: `20261123-101500`.
 * @returns the paths under which old files are kept.
 * @throws when the disk does not take them; then nothing has changed.
 */
export function writeFiles(files: readonly PlannedFile[], owner: Owner, stamp: string): readonly string[] {
  // Ctrl-C between two names would leave half a site: it waits until this is done, which is at once.
  const wait = (): void => {};
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, wait);
  try {
    return writeAll(files, owner, stamp);
  } finally {
    for (const signal of signals) process.off(signal, wait);
  }
}

function writeAll(files: readonly PlannedFile[], owner: Owner, stamp: string): readonly string[] {
  const old = inTheWay(files);
  const begun: string[] = [];
  try {
    for (const file of files) {
      makeFolder(file);
      begun.push(`${file.path}${NEW}`);
      writeNew(file, owner);
    }
  } catch (error) {
    for (const path of begun) rmSync(path, { force: true });
    throw error;
  }
  const kept = old.map(({ path }) => {
    const place = keptName(path, stamp);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    linkSync(path, place);
    return place;
  });
  for (const { path } of files) renameSync(`${path}${NEW}`, path);
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) flushFolder(folder);
  return kept;
}

/** Old secrets go to a folder of their own: systemd hands the service every file that is in `credentials`. */
function keptName(path: string, stamp: string): string {
  const folder = dirname(path);
  if (basename(folder) === CREDENTIALS) return join(`${folder}.bak-${stamp}`, basename(path));
  return `${path}.bak-${stamp}`;
}

/** The folder of secrets is there on every site, empty or not: systemd hands it to the service. */
export function makeCredentialsDir(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

function makeFolder({ path, kind }: PlannedFile): void {
  const folder = dirname(path);
  if (kind === 'secret') makeCredentialsDir(folder);
  else mkdirSync(folder, { recursive: true, mode: 0o755 });
}

function writeNew({ path, text, kind }: PlannedFile, owner: Owner): void {
  const place = `${path}${NEW}`;
  // What an earlier run left that was killed here may have another owner.
  rmSync(place, { force: true });
  const file = openSync(place, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (kind === 'settings' && owner.root && owner.group !== null) chownSync(place, 0, owner.group);
  chmodSync(place, modeOf(kind, owner));
}

function modeOf(kind: PlannedFile['kind'], { root, group }: Owner): number {
  switch (kind) {
    case 'secret':
      return 0o600;
    case 'rules':
      return 0o644;
    case 'settings':
      // No secret is in them. Without the group the service could not read root's files otherwise.
      return root && group === null ? 0o644 : 0o640;
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
