/** A driver's vectors: what its device says, and what the driver must make of it, literal on both sides. */
import type { Instant } from '../src/core/time.ts';
import type { Input, Output } from './contract.ts';

/** When the wire comes up in every vector: 2026-07-15 06:47:00 UTC. */
export const VECTOR_EPOCH = 1_784_098_020_000 as Instant;

export interface Vector {
  /** What the device does, in words. */
  readonly name: string;
  /** What comes in, each with its moment in ms after the wire came up. */
  readonly given: readonly (readonly [ms: number, input: Input])[];
  /** All that goes out, in order. */
  readonly expected: readonly Output[];
}

/** The bytes of a dump in hex: `A0 01 01 A2`. */
export function hex(dump: string): Uint8Array {
  return Uint8Array.from(dump.split(' '), (byte) => Number.parseInt(byte, 16));
}

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
