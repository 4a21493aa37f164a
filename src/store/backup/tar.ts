/**
 * The file format that every `tar` reads: ustar (POSIX.1-1988), plain files only. What is written here is read here in
 * full; of what others write, only plain files in ustar are taken.
 */
import { BackupRefused } from './refused.ts';

const BLOCK = 512;
/** Two blank blocks end it. */
const END_BLOCKS = 2;
/** Eleven octal digits. */
const MAX_BYTES = 8 ** 11 - 1;
/** Where each field of a header lies, in bytes. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;
type Field = keyof typeof FIELDS;
const MAGIC = 'ustar\x0000';

/** A file in the archive, without its content. */
export interface TarFile {
  readonly name: string;
  readonly bytes: number;
  /** Permissions, such as 0o640. */
  readonly mode: number;
  /** When it was changed last, in ms since 1970. */
  readonly at: number;
}

/** A file's header. @throws BackupRefused when its name is longer, or its content larger, than the format holds. */
export function tarHeader({ name, bytes, mode, at }: TarFile): Buffer {
  const header = Buffer.alloc(BLOCK);
  const [prefix, base] = splitName(name);
  if (bytes > MAX_BYTES) {
    throw new BackupRefused({ zh: `${name} 太大，无法备份`, en: `${name} is too large for a backup` });
  }
  const put = (field: Field, text: string): void => void header.write(text, FIELDS[field][0], FIELDS[field][1]);
  const number = (field: Field, value: number): void =>
    put(field, `${value.toString(8).padStart(FIELDS[field][1] - 1, '0')}\0`);
  put('name', base);
  number('mode', mode);
  number('uid', 0);
  number('gid', 0);
  number('size', bytes);
  number('mtime', Math.max(0, Math.floor(at / 1_000)));
  put('type', '0');
  put('magic', MAGIC);
  put('prefix', prefix);
  put('checksum', `${sumOf(header).toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** What fills the last block of a content. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}

export const TAR_END = Buffer.alloc(END_BLOCKS * BLOCK);

/** A long name is split at a slash, as the format wants it. */
function splitName(name: string): readonly [prefix: string, base: string] {
  const [, mostName] = FIELDS.name;
  const [, mostPrefix] = FIELDS.prefix;
  if (Buffer.byteLength(name) <= mostName) return ['', name];
  for (let slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
    const [prefix, base] = [name.slice(0, slash), name.slice(slash + 1)];
    if (Buffer.byteLength(base) <= mostName && Buffer.byteLength(prefix) <= mostPrefix) return [prefix, base];
  }
  throw new BackupRefused({
    zh: `文件名太长，无法备份：${name}；请改短`,
    en: `the name is too long for a backup: ${name}; give it a shorter one`,
  });
}

/** The sum of a header's bytes, its own field taken as blanks. */
function sumOf(header: Buffer): number {
  const [start, length] = FIELDS.checksum;
  let sum = length * 0x20;
  for (const [at, byte] of header.entries()) if (at < start || at >= start + length) sum += byte;
  return sum;
}

/** Bytes are missing, or are not those of a tar file of plain files. */
export class TarBroken extends Error {
  override readonly name = 'TarBroken';
}

/**
 * The files of an archive, in order. Each content is to be read before the next file is asked for; what was left of it is
 * passed over.
 * @throws TarBroken
 */
export async function* readTar(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly file: TarFile; readonly content: AsyncIterable<Buffer> }, void, undefined> {
  const source = new ByteSource(chunks);
  for (;;) {
    const header = await source.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const file = readHeader(header);
    let left = file.bytes;
    async function* content(): AsyncGenerator<Buffer, void, undefined> {
      while (left > 0) {
        const piece = await source.upTo(left);
        left -= piece.length;
        yield piece;
      }
    }
    yield { file, content: content() };
    while (left > 0) left -= (await source.upTo(left)).length;
    await blank(source, tarPadding(file.bytes).length);
  }
  await blank(source, (END_BLOCKS - 1) * BLOCK);
  if (!(await source.ended())) throw new TarBroken('something follows its end');
}

async function blank(source: ByteSource, bytes: number): Promise<void> {
  if ((await source.exactly(bytes)).some((byte) => byte !== 0)) throw new TarBroken('its filler is not blank');
}

function readHeader(header: Buffer): TarFile {
  const text = (field: Field): string => {
    const [start, length] = FIELDS[field];
    const bytes = header.subarray(start, start + length);
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end === -1 ? length : end);
  };
  const number = (field: Field): number => {
    const digits = text(field).trim();
    if (!/^[0-7]{1,11}$/.test(digits)) throw new TarBroken('a header is damaged');
    return Number.parseInt(digits, 8);
  };
  if (number('checksum') !== sumOf(header)) throw new TarBroken('a header is damaged');
  if (text('magic') !== 'ustar' || text('type') !== '0') throw new TarBroken('it holds more than plain files');
  const prefix = text('prefix');
  const name = prefix === '' ? text('name') : `${prefix}/${text('name')}`;
  return { name, bytes: number('size'), mode: number('mode'), at: number('mtime') * 1_000 };
}

/** Chunks of any sizes, taken in the sizes that are wanted. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** One byte or more, and at most so many. @throws TarBroken at the end. */
  async upTo(bytes: number): Promise<Buffer> {
    if (!(await this.#fill())) throw new TarBroken('it ends too early');
    const piece = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  async exactly(bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const piece = await this.upTo(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async ended(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** @returns whether there is anything. */
  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#rest = next.value;
    }
    return true;
  }
}
