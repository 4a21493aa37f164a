/** What the store needs of the file system beyond `node:fs`: whole writes, synced folders, errors for a person. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** The store cannot be used, or a record could not be made safe. The message is for a person and says the way out. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The system's code of an error (`ENOSPC`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Writes all of `bytes` at `position`, however many writes the system makes of it.
 * @throws the system's error; what was written before it stays written.
 */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new StoreError(`the disk took ${done} of ${bytes.length} bytes, and then no more`);
    done += bytesWritten;
  }
}

/** Makes the names in a folder survive the power going: a synced file whose name is lost is lost. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder, and those above it, and syncs the name of each one made. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(folder); ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === resolve(first)) return;
  }
}

/** Writes a small file and returns once its content and its name are on the disk. */
export async function writeSynced(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(`${folder}/${name}`, 'w');
  try {
    await writeFully(handle, bytes, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(folder);
}
