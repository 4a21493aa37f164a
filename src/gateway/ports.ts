/** What the gateway needs of the world, and what it offers to the parts around it. Only `daemon.ts` joins them. */
import type { FaultCode, NoticeCode, Said, Sentence } from '../core/errors.ts';
import type { OrderNo, ParkId, VisitId } from '../core/ids.ts';
import type { BarrierOutcome, Command, Reply } from '../core/park/commands.ts';
import type { OpenBarrier } from '../core/park/effects.ts';
import type { JournalRecord } from '../core/park/events.ts';
import type { Traffic } from '../core/park/queries.ts';
import type { LedgerEntry, State, Visit } from '../core/park/state.ts';
import type { Instant } from '../core/time.ts';

/** The one source of time. Tests and the simulator bring their own. */
export interface Clock {
  now(): Instant;
}

/**
 * Room on the disk for records. `reserve`: no more than what was set aside for when the disk is full, which is kept for
 * cars that leave. `none`: not even that.
 */
export type Room = 'free' | 'reserve' | 'none';

/** The journal: what it has accepted survives the power going. */
export interface Journal {
  /**
   * Writes the records, in order, and returns once they are on the disk: one flush for all of them. They have one `at`:
   * a power cut that leaves holes among them is told by it from damage to records that were accepted.
   * @throws JournalFull when there is no room for them: nothing was written, and the journal goes on.
   * @throws when they could not be made safe. The journal is then finished, and the process must end and recover.
   */
  append(records: readonly JournalRecord[]): Promise<void>;
  /** The room for an append of these records. A guess while it is `free`: the disk can fill up at any moment. */
  room(records: readonly JournalRecord[]): Room;
}

/** The journal has no room for records: nothing was written. */
export class JournalFull extends Error {
  override readonly name = 'JournalFull';
}

/** What the state has handed over for good. What was archived more than once is found as it was archived last. */
export interface Archive {
  /** @throws when what the archive holds under that id cannot be read; ARCHIVE_BAD is raised then. */
  visit(park: ParkId, id: VisitId): Promise<Visit | null>;
  /** @throws as `visit`. */
  order(park: ParkId, orderNo: OrderNo): Promise<LedgerEntry | null>;
  /** Passages during `[from, to)`, whole seconds, in batches up to `through` (`archivedThrough` of the state it is added to). */
  traffic(park: ParkId, from: Instant, to: Instant, through: number): Traffic;
}

/** Raises arms. */
export interface Barriers {
  /**
   * Sends one order, at most once, and tells what became of it. Never rejects: whatever goes wrong is an outcome.
   * An order that cannot be sent before its deadline is `expired` (or `refused`), never kept for later.
   */
  open(order: OpenBarrier): Promise<BarrierOutcome>;
}

/** Faults are raised and cleared: state, not lines that scroll by. Raising one that is raised already updates it. */
export interface Faults {
  /** @param subject what is at fault: a device, a lane, a file. @param value fills `{value}` of the code's sentence: no words but in both languages. */
  raise(code: FaultCode, subject: string, value?: Said): void;
  /** Clears the fault if it is raised. */
  clear(code: FaultCode, subject: string): void;
}

/** The log, for parts that have something to tell that is neither an event nor a fault. */
export interface Log {
  /** Something that a person at the gate should see pass by. `fields` may hold `lane`, `plate`, `device`, `ms`, …. */
  notice(code: NoticeCode, fields: LogFields): void;
  info(message: Sentence, fields?: LogFields): void;
}

/** Words among the values are in both languages; the names are the same in each. */
export type LogFields = Readonly<Record<string, Said | number | boolean | null>>;

/** A committed record, and the command and reply that belong to it. */
export interface Committed {
  readonly record: JournalRecord;
  readonly command: Command;
  readonly reply: Reply;
  /** From the command's arrival to its record being on disk, in ms. */
  readonly ms: number;
}

/** Who keeps the loop's figures. What it does costs the loop next to nothing, and must not throw. */
export interface LoopMeter {
  /** A batch of so many commands was decided, and is on the disk. */
  batch(commands: number): void;
  /**
   * A command has its reply; `record`, where it led to one, is on the disk. Told before the record's effects begin.
   * @param ms as of {@link Committed}.
   */
  answered(command: Command, reply: Reply, record: JournalRecord | null, ms: number): void;
  /** A command was not taken: the inbox was full, or the disk. */
  turnedAway(why: 'busy' | 'full'): void;
}

/** What the devices and Mallcoo's calls see of the gateway. */
export interface Gateway {
  /**
   * Puts a command into the inbox; the reply comes once its events are on disk.
   * @throws GatewayBusy when the inbox is full, GatewayFull when the disk is, GatewayStopped when it is stopping or its
   * journal has failed.
   */
  submit(command: Command): Promise<Reply>;
  /** The committed state: what a query may see. Read it and let it go; it changes with the next batch. */
  state(): State;
}

/** The inbox is full: nothing was taken, try again. */
export class GatewayBusy extends Error {
  override readonly name = 'GatewayBusy';
}

/** The disk is full, and what room is left is for cars that leave: nothing was taken, try again later. */
export class GatewayFull extends Error {
  override readonly name = 'GatewayFull';
}

/** The gateway takes no more commands. */
export class GatewayStopped extends Error {
  override readonly name = 'GatewayStopped';
}
