/** One run of the gate's process, as the rest of the world has it. */
import type { State } from '../../src/core/park/state.ts';
import type { Gateway } from '../../src/gateway/ports.ts';
import type { FaultBoard } from '../../src/ops/faults.ts';

/** What Mallcoo's client sees. */
export interface WireAnswer {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Gate {
  readonly gateway: Gateway;
  readonly faults: FaultBoard;
  /** The state that runs ahead; null once the loop has made itself another, after a write that found no room. */
  working(): State | null;
  /** Hands over to the archive what is old, as the daemon does every hour. */
  retain(): Promise<void>;
  /** As the daemon does about each second. */
  lookForRoom(): Promise<void>;
  /** One HTTP call. Never resolves if the process ends first. */
  call(name: string, body: Readonly<Record<string, unknown>>, encoding: 'json' | 'form'): Promise<WireAnswer>;
  /** Something is under way that needs no more from the world than the disk. */
  busy(): boolean;
  /** The way to Mallcoo ends: what is on it may still be answered, which takes time. */
  endWay(): Promise<void>;
  /** Devices have answered, and the last snapshot is written. */
  stop(): Promise<void>;
}
