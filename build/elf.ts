/**
 * Takes the symbol table and the debugging sections off an ELF file, as `strip` does: 18 MB of Node. Here rather than by
 * binutils, because the same file must come out whatever machine builds it, and whatever machine it is for.
 */
import { BuildError } from './places.ts';

const SECTION_BYTES = 64;
const PROGRAM_BYTES = 56;
const SHF_ALLOC = 2n;
const SHT_STRTAB = 3;
const SHT_NOBITS = 8;
const NAMES = '.shstrtab';

interface Section {
  readonly header: Buffer;
  readonly name: string;
  /** It is loaded into memory, so it stays. */
  readonly loaded: boolean;
  readonly type: number;
  /** Where its bytes end in the file. */
  readonly end: number;
}

/** @throws BuildError for anything but a 64-bit little-endian ELF file with its loaded sections first. */
export function withoutSymbols(elf: Buffer): Buffer {
  if (elf.toString('latin1', 0, 4) !== '\x7fELF' || elf[4] !== 2 || elf[5] !== 1) {
    throw new BuildError('the Node that is packed is no 64-bit little-endian ELF file');
  }
  const sections = sectionsOf(elf);
  const kept = sections.filter((section, index) => index === 0 || section.loaded);
  // Sections refer to each other by number; those that stay must keep theirs.
  if (kept.some((section, index) => section !== sections[index])) {
    throw new BuildError('the Node that is packed has its sections in an order that build/elf.ts does not expect');
  }
  const ends = kept.filter(({ type }) => type !== SHT_NOBITS).map(({ end }) => end);
  const end = Math.max(...ends, ...segmentEnds(elf));
  const body = Buffer.from(elf.subarray(0, end));
  return appendSections(body, kept);
}

function appendSections(body: Buffer, kept: readonly Section[]): Buffer {
  let names = '\0';
  const headers = kept.map(({ header, name }) => {
    const copy = Buffer.from(header);
    copy.writeUInt32LE(name === '' ? 0 : names.length, 0);
    if (name !== '') names += `${name}\0`;
    return copy;
  });
  const own = Buffer.alloc(SECTION_BYTES);
  own.writeUInt32LE(names.length, 0);
  names += `${NAMES}\0`;
  own.writeUInt32LE(SHT_STRTAB, 4);
  own.writeBigUInt64LE(BigInt(body.length), 24);
  own.writeBigUInt64LE(BigInt(names.length), 32);
  own.writeBigUInt64LE(1n, 48);
  const padding = Buffer.alloc((8 - ((body.length + names.length) % 8)) % 8);
  body.writeBigUInt64LE(BigInt(body.length + names.length + padding.length), 0x28);
  body.writeUInt16LE(kept.length + 1, 0x3c);
  body.writeUInt16LE(kept.length, 0x3e);
  return Buffer.concat([body, Buffer.from(names, 'latin1'), padding, ...headers, own]);
}

function sectionsOf(elf: Buffer): readonly Section[] {
  const table = Number(elf.readBigUInt64LE(0x28));
  const headers = Array.from({ length: elf.readUInt16LE(0x3c) }, (_, index) =>
    elf.subarray(table + index * SECTION_BYTES, table + (index + 1) * SECTION_BYTES),
  );
  const names = Number(headers[elf.readUInt16LE(0x3e)]?.readBigUInt64LE(24) ?? 0n);
  return headers.map((header) => {
    const at = names + header.readUInt32LE(0);
    return {
      header,
      name: elf.toString('latin1', at, elf.indexOf(0, at)),
      type: header.readUInt32LE(4),
      loaded: (header.readBigUInt64LE(8) & SHF_ALLOC) !== 0n,
      end: Number(header.readBigUInt64LE(24) + header.readBigUInt64LE(32)),
    };
  });
}

/** Where each part ends that the system maps into memory. */
function segmentEnds(elf: Buffer): readonly number[] {
  const table = Number(elf.readBigUInt64LE(0x20));
  return Array.from({ length: elf.readUInt16LE(0x38) }, (_, index) => {
    const at = table + index * PROGRAM_BYTES;
    return Number(elf.readBigUInt64LE(at + 8) + elf.readBigUInt64LE(at + 32));
  });
}
