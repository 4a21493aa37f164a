/** Reading a backup: every byte is checked against what was written, whatever somebody did to the file meanwhile. */
import { createHash } from 'node:crypto';
import { errorCode, errorText } from '../files.ts';
import { MANIFEST_FILE, type Manifest, parseManifest, parseSums, SUMS_FILE } from './manifest.ts';
import { BackupRefused } from './refused.ts';
import { readTar, TarBroken, type TarFile } from './tar.ts';
import { unpack } from './write.ts';

/** A file of a backup, as it was found. */
export interface CheckedFile {
  readonly file: TarFile;
  readonly sha256: string;
}

export interface Checked {
  readonly manifest: Manifest;
  /** Without the manifest and the sums. */
  readonly files: readonly CheckedFile[];
}

/** What becomes of each content; it must be read to its end. */
export type OnContent = (file: TarFile, content: AsyncIterable<Buffer>) => Promise<void>;

/** The manifest and the sums are read into memory. */
const LARGEST_TEXT = 16 * 1024 * 1024;

/**
 * Reads a backup to its end. Contents reach `onContent` before their checksum is known: they count once this has resolved.
 * @throws BackupRefused when it is none, is cut short or damaged, or is of a newer version; what `onContent` throws; the disk's error.
 */
export async function checkBackup(path: string, onContent: OnContent = passOver): Promise<Checked> {
  try {
    return await unpack(path, (chunks) => readAll(path, chunks, onContent));
  } catch (error) {
    if (error instanceof TarBroken || errorCode(error)?.startsWith('Z_')) throw damaged(path, errorText(error), error);
    throw error;
  }
}

async function passOver(_: TarFile, content: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of content);
}

async function readAll(path: string, chunks: AsyncIterable<Buffer>, onContent: OnContent): Promise<Checked> {
  const found = new Map<string, CheckedFile>();
  let manifest: Manifest | null = null;
  let sums: ReadonlyMap<string, string> | null = null;
  for await (const { file, content } of readTar(chunks)) {
    if (sums !== null) throw new TarBroken(`something follows ${SUMS_FILE}`);
    if (found.has(file.name) || !isPlainName(file.name))
      throw new TarBroken(`it holds a file named ${JSON.stringify(file.name)}`);
    if (file.name === SUMS_FILE) {
      sums = parseSums((await whole(file, content)).toString());
      if (sums === null) throw new TarBroken(`its ${SUMS_FILE} is damaged`);
      continue;
    }
    const hash = createHash('sha256');
    if (manifest === null) {
      if (file.name !== MANIFEST_FILE) throw new TarBroken(`it does not begin with ${MANIFEST_FILE}`);
      const bytes = await whole(file, content);
      manifest = parseManifest(bytes);
      hash.update(bytes);
    } else {
      await onContent(file, hashed(content, hash));
    }
    found.set(file.name, { file, sha256: hash.digest('hex') });
  }
  if (manifest === null || sums === null) throw new TarBroken('it ends too early');
  for (const [name, { sha256 }] of found)
    if (sums.get(name) !== sha256) throw damaged(path, `the checksum of ${name} is wrong`);
  const absent = [...sums.keys()].find((name) => !found.has(name));
  if (absent !== undefined) throw damaged(path, `${absent} is missing`);
  found.delete(MANIFEST_FILE);
  return { manifest, files: [...found.values()] };
}

async function* hashed(
  content: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}

async function whole({ name, bytes }: TarFile, content: AsyncIterable<Buffer>): Promise<Buffer> {
  if (bytes > LARGEST_TEXT) throw new TarBroken(`its ${name} is too large`);
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A path that leads nowhere but into the folder it is put in. */
function isPlainName(name: string): boolean {
  return !/[\0\\\n]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function damaged(path: string, reason: string, cause?: unknown): BackupRefused {
  return new BackupRefused(
    {
      zh: `${path} 已损坏或不完整，没有改动任何东西：${reason}；请换一份备份，或重新拷贝`,
      en: `${path} is damaged, cut short, or no backup: ${reason}; nothing was changed. Take another backup, or copy it again`,
    },
    { cause },
  );
}
