/**
 * Where the lines of a key lie in a file of visits: hashes of the keys, sorted, with places. Beside it a Bloom filter,
 * which stays in memory and answers "not here" without touching the disk.
 *
 * With 20 bits and 14 probes a key, "perhaps" is wrong once in 15,000 times: over the 400 files of 400 days a new order
 * costs a read once in 40 payments. (10 bits would cost each payment three.)
 */
import { hash } from 'node:crypto';

const BITS_PER_KEY = 20;
const PROBES = 14;
/** hash (2), offset, length */
const ENTRY_WORDS = 4;

/** 64 bits of a key's hash. */
export interface KeyHash {
  readonly high: number;
  readonly low: number;
}

/** A line of a file, in bytes. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface Keyed extends Place {
  readonly key: KeyHash;
}

export interface KeyIndex {
  readonly filter: Uint32Array;
  /** {@link ENTRY_WORDS} words for each key, sorted by hash, then offset. */
  readonly entries: Uint32Array;
}

/**
 * The hash of a key; `kind` keeps a plate apart from an order number of the same text. `ordersOf`: the visit that an
 * order is for.
 */
export function keyHash(kind: 'visit' | 'order' | 'credential' | 'ordersOf', text: string): KeyHash {
  const digest = hash('sha256', `${kind}:${text}`, 'buffer');
  return { high: digest.readUInt32LE(0), low: digest.readUInt32LE(4) };
}

export function indexOf(keyed: readonly Keyed[]): KeyIndex {
  const sorted = [...keyed].sort((a, b) => a.key.high - b.key.high || a.key.low - b.key.low || a.offset - b.offset);
  const entries = new Uint32Array(sorted.length * ENTRY_WORDS);
  const filter = new Uint32Array(Math.ceil((sorted.length * BITS_PER_KEY) / 32));
  for (const [index, { key, offset, length }] of sorted.entries()) {
    entries.set([key.high, key.low, offset, length], index * ENTRY_WORDS);
    for (const bit of bitsOf(filter, key)) filter[bit >>> 5] = (filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
  return { filter, entries };
}

/** The bits of a key: from one half of its hash, in steps of the other, around 32 bits. */
function* bitsOf(filter: Uint32Array, { high, low }: KeyHash): Generator<number, void, undefined> {
  for (let probe = 0; probe < PROBES; probe += 1) {
    yield ((high + Math.imul(probe, low | 1)) >>> 0) % (filter.length * 32);
  }
}

/** False only if the key is not in the file. */
export function mayHold(filter: Uint32Array, { high, low }: KeyHash): boolean {
  if (filter.length === 0) return false;
  // As `bitsOf`, but in whole 32-bit numbers: each new order asks some hundred filters.
  const bits = filter.length * 32;
  const step = low | 1;
  let at = high | 0;
  for (let probe = 0; probe < PROBES; probe += 1) {
    const bit = (at >>> 0) % bits;
    if (((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    at = (at + step) | 0;
  }
  return true;
}

/** The places of a key's lines, in the order of the file. */
export function placesOf(entries: Uint32Array, key: KeyHash): readonly Place[] {
  const word = (index: number, field: number): number => entries[index * ENTRY_WORDS + field] ?? 0;
  const count = entries.length / ENTRY_WORDS;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = word(middle, 0) - key.high || word(middle, 1) - key.low;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  const places: Place[] = [];
  for (let at = low; at < count && word(at, 0) === key.high && word(at, 1) === key.low; at += 1) {
    places.push({ offset: word(at, 2), length: word(at, 3) });
  }
  return places;
}
