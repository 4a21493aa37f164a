/**
 * What a disk holds when the power goes. It is told of each operation as it begins and ends, and keeps apart what is on
 * the disk for sure from what only may be: writes that were not synced (whole, in part or not at all, sector by sector),
 * and names that were not synced (each by itself, whatever became of the file's data).
 */
import { dirname } from 'node:path';

/** Files by path, and folders. */
export interface Image {
  readonly folders: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, Buffer>;
}

export const EMPTY: Image = { folders: new Set(), files: new Map() };

/** The smallest piece that a disk writes as a whole, in bytes. */
export const SECTOR = 512;

export interface WriteStep {
  readonly kind: 'write';
  readonly path: string;
  readonly file: number;
  readonly position: number;
  readonly bytes: Buffer;
  /** O_DSYNC: on the disk when it ends. */
  readonly durable: boolean;
}

export type NameStep =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string; readonly file: number }
  | { readonly kind: 'remove'; readonly path: string };

/** What is done to a disk. `file` numbers files, which keep their number when they are renamed. */
export type Step =
  | WriteStep
  | NameStep
  | { readonly kind: 'sync'; readonly path: string; readonly file: number }
  | { readonly kind: 'syncFolder'; readonly path: string }
  | { readonly kind: 'makeFolder'; readonly path: string };

/** Bytes from a write's start: `[start, end)`. */
export type Piece = readonly [start: number, end: number];

/** What becomes of the things that may or may not be on the disk. */
export interface Fate {
  name(step: NameStep): boolean;
  write(step: WriteStep): readonly Piece[];
}

export const DROP: Fate = { name: () => false, write: () => [] };
export const KEEP: Fate = { name: () => true, write: ({ bytes }) => [[0, bytes.length]] };

/** Names as `names` says; of each write only the first `bytes` bytes. */
export function tornAfter(bytes: number, names: boolean): Fate {
  return { name: () => names, write: (step) => [[0, Math.min(bytes, step.bytes.length)]] };
}

/** Each name and each sector by chance, and now and then a sector that broke off at some byte. `below(n)`: 0 to n - 1. */
export function byChance(below: (limit: number) => number): Fate {
  return {
    name: () => below(2) === 0,
    write({ position, bytes }) {
      const pieces: Piece[] = [];
      for (let start = 0; start < bytes.length; ) {
        const end = Math.min(bytes.length, start + SECTOR - ((position + start) % SECTOR));
        if (below(8) === 0) pieces.push([start, start + below(end - start + 1)]);
        else if (below(2) === 0) pieces.push([start, end]);
        start = end;
      }
      return pieces;
    },
  };
}

export interface Platter {
  begin(step: Step): void;
  end(step: Step): void;
  /** What is on the disk if the power goes now. */
  crash(fate: Fate): Image;
}

interface Pending<S> {
  readonly step: S;
  /** For a rename between two folders: those whose names are synced already. */
  readonly synced: Set<string>;
}

export function platter(image: Image): Platter {
  const folders = new Set(image.folders);
  const names = new Map<string, number>();
  const data = new Map<number, Buffer>();
  let pendingNames: Pending<NameStep>[] = [];
  let pendingWrites: WriteStep[] = [];
  /** What was pending when a sync began: that much it brings to the disk. */
  const covered = new Map<Step, ReadonlySet<unknown>>();
  // Files that were there already have numbers below zero.
  for (const [index, [path, bytes]] of [...image.files].entries()) {
    names.set(path, fileNumber(index));
    data.set(fileNumber(index), Buffer.from(bytes));
  }

  function settleFolder(folder: string, these: ReadonlySet<unknown>): void {
    pendingNames = pendingNames.filter((pending) => {
      const touched = foldersOf(pending.step);
      if (!these.has(pending) || !touched.has(folder)) return true;
      pending.synced.add(folder);
      if (pending.synced.size < touched.size) return true;
      applyName(names, pending.step);
      return false;
    });
  }

  return {
    begin(step) {
      if (step.kind === 'write') pendingWrites.push(step);
      else if (step.kind === 'sync') covered.set(step, new Set(pendingWrites.filter(({ file }) => file === step.file)));
      else if (step.kind === 'syncFolder') covered.set(step, new Set(pendingNames));
      else if (step.kind !== 'makeFolder') pendingNames.push({ step, synced: new Set() });
    },
    end(step) {
      if (step.kind === 'makeFolder') folders.add(step.path);
      const these = step.kind === 'write' && step.durable ? new Set<unknown>([step]) : covered.get(step);
      covered.delete(step);
      if (!these) return;
      if (step.kind === 'syncFolder') {
        settleFolder(step.path, these);
        return;
      }
      pendingWrites = pendingWrites.filter((write) => {
        if (!these.has(write)) return true;
        settle(data, write);
        return false;
      });
    },
    crash(fate) {
      const left = new Map(names);
      for (const { step } of pendingNames) if (fate.name(step)) applyName(left, step);
      const writes = new Map<number, WriteStep[]>();
      for (const step of pendingWrites) writes.set(step.file, [...(writes.get(step.file) ?? []), step]);
      const files = new Map<string, Buffer>();
      for (const [path, file] of left) {
        let bytes: Buffer = Buffer.from(data.get(file) ?? []);
        for (const step of writes.get(file) ?? []) bytes = patched(bytes, step, fate.write(step));
        files.set(path, bytes);
      }
      return { folders: new Set(folders), files };
    },
  };
}

/** The number of the file at `index` of an image. */
export function fileNumber(index: number): number {
  return -1 - index;
}

function foldersOf(step: NameStep): ReadonlySet<string> {
  return new Set(step.kind === 'rename' ? [dirname(step.path), dirname(step.to)] : [dirname(step.path)]);
}

function applyName(names: Map<string, number>, step: NameStep): void {
  switch (step.kind) {
    case 'create':
      names.set(step.path, step.file);
      break;
    case 'remove':
      names.delete(step.path);
      break;
    case 'rename':
      if (names.get(step.path) === step.file) names.delete(step.path);
      names.set(step.to, step.file);
      break;
  }
}

/** The whole write is on the disk: in place where the file is long enough, for that is nearly always so. */
function settle(data: Map<number, Buffer>, write: WriteStep): void {
  const before = data.get(write.file);
  if (before && write.position + write.bytes.length <= before.length) write.bytes.copy(before, write.position);
  else data.set(write.file, patched(before, write, [[0, write.bytes.length]]));
}

/** A copy with those pieces of the write in it; a gap before them reads as zeros. */
function patched(before: Buffer | undefined, { position, bytes }: WriteStep, pieces: readonly Piece[]): Buffer {
  const end = Math.max(0, ...pieces.filter(([start, stop]) => stop > start).map(([, stop]) => position + stop));
  const after = Buffer.alloc(Math.max(before?.length ?? 0, end));
  before?.copy(after);
  for (const [start, stop] of pieces) bytes.copy(after, position + start, start, stop);
  return after;
}
