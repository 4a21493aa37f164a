/**
 * The one loop: inbox → decide → journal → evolve → replies and effects. Commands of a batch share one flush; the next
 * batch gathers meanwhile. Nothing (no reply, no effect, no line in the log) leaves before its record is on disk.
 *
 * The state is folded twice from the same records: `working` runs ahead by the batch being written, so that a batch's
 * commands see each other; `committed` follows once the disk has them, and is all that queries see.
 */
import type { Command, Reply } from '../core/park/commands.ts';
import { decide } from '../core/park/decide.ts';
import type { Decision } from '../core/park/decision.ts';
import { type Effect, effectsOf } from '../core/park/effects.ts';
import type { JournalRecord } from '../core/park/events.ts';
import { evolve } from '../core/park/evolve.ts';
import type { World } from '../core/park/model.ts';
import { capture, restore } from '../core/park/snapshot.ts';
import type { State } from '../core/park/state.ts';
import { after, type Instant, MINUTE, SECOND } from '../core/time.ts';
import {
  type Clock,
  type Committed,
  type Faults,
  type Gateway,
  GatewayBusy,
  GatewayFull,
  GatewayStopped,
  type Journal,
  JournalFull,
  type Room,
} from './ports.ts';
import { fromOutside, letsLeave } from './reserve.ts';

export interface GatewayParts {
  readonly world: World;
  /** Two equal states that share no maps; the gateway owns both from here on. */
  readonly working: State;
  readonly committed: State;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly faults: Faults;
  /** Commands that may wait; more are turned away. */
  readonly inboxLimit: number;
  /** Commands that share one flush at most. */
  readonly batchLimit: number;
  /** Called for each committed record, in order. Must not throw. */
  readonly onCommit: (committed: Committed) => void;
  /** Called for each effect of a committed record, in order, its deadline by the clock's own time. Must not throw. */
  readonly onEffect: (effect: Effect) => void;
  /** The journal has failed: the process must end and recover from the disk. Called once. */
  readonly onFatal: (error: Error) => void;
}

export interface RunningGateway extends Gateway {
  /**
   * One turn through the loop, beside the inbox: it shares the next turn with whatever waits there, and resolves once that is
   * on disk. However long the inbox, it waits for two flushes at most; while nothing waits it writes nothing. It never
   * resolves when the loop stands still, and after a failed write.
   */
  pulse(): Promise<void>;
  /** Takes no more commands, finishes those it has, and resolves when nothing is under way. */
  stop(): Promise<void>;
}

interface Waiting {
  readonly command: Command;
  readonly since: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

type Decided =
  | { readonly item: Waiting; readonly reply: Reply; readonly record: JournalRecord | null }
  | { readonly item: Waiting; readonly error: Error };

/** A clock this much behind the journal is a fault; less is the jitter of time synchronisation. */
const CLOCK_TOLERANCE = SECOND;
/**
 * Time goes on by this much at most from one batch to the next while the clock is behind. A clock that is being set jumps,
 * and no stay may be charged for that; and the clock catches up whenever the gate is quiet.
 */
const LONGEST_STEP = MINUTE;

/** Starts the loop. It runs only while there is work; there is nothing to start or poll. */
export function startGateway(parts: GatewayParts): RunningGateway {
  const { world, committed, journal, clock, faults } = parts;
  let { working } = parts;
  const inbox: Waiting[] = [];
  const pulses: (() => void)[] = [];
  let running: Promise<void> | null = null;
  let ended: 'stopping' | 'failed' | null = null;
  let carriedOn: { readonly clock: Instant; readonly moment: Instant } | null = null;

  function submit(command: Command): Promise<Reply> {
    if (ended !== null) return Promise.reject(new GatewayStopped(`the gateway is ${ended}`));
    if (inbox.length >= parts.inboxLimit && fromOutside(command)) {
      faults.raise('INBOX_FULL', 'gateway', String(inbox.length));
      return Promise.reject(new GatewayBusy(`${inbox.length} commands are waiting`));
    }
    return new Promise((resolve, reject) => {
      inbox.push({ command, since: performance.now(), resolve, reject });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    while (inbox.length + pulses.length > 0 && ended !== 'failed') {
      // One turn of the event loop: whatever arrives in it shares this batch's flush.
      await nextTurn();
      const felt = pulses.splice(0);
      const batch = inbox.splice(0, parts.batchLimit);
      if (inbox.length < parts.inboxLimit / 2) faults.clear('INBOX_FULL', 'gateway');
      try {
        // Without commands time stays as it is: a clock that is behind catches up while the gate is quiet.
        if (batch.length > 0) await work(batch);
        for (const done of felt) done();
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)), batch);
      }
    }
    // In the same breath as the last look at the inbox: a command that comes a moment later starts the loop anew.
    running = null;
  }

  /**
   * The journal may find only when it writes that the disk is full. It has written nothing then, so the batch is decided
   * anew, from what is on the disk, by commands that may be taken at less room; at last without writing anything.
   */
  async function work(batch: readonly Waiting[]): Promise<void> {
    for (const most of ['free', 'reserve', 'none'] as const) {
      try {
        const now = moment();
        await commit(decideBatch(batch, now, most), now - clock.now());
        return;
      } catch (error) {
        if (!(error instanceof JournalFull)) throw error;
        working = restore(capture(committed));
      }
    }
  }

  /**
   * Time never goes back. While the clock is behind the last record, and says so, time goes on from there as the clock
   * does while there is work, so that the windows in which readings are one come to their end.
   */
  function moment(): Instant {
    const now = clock.now();
    const behind = working.at - now;
    if (behind <= CLOCK_TOLERANCE) {
      faults.clear('CLOCK_BEHIND', 'clock');
      carriedOn = null;
      return Math.max(now, working.at) as Instant;
    }
    faults.raise('CLOCK_BEHIND', 'clock', `${Math.ceil(behind / SECOND)} s`);
    const passed = carriedOn ? Math.min(Math.max(now - carriedOn.clock, 0), LONGEST_STEP) : 0;
    carriedOn = { clock: now, moment: after(Math.max(working.at, carriedOn?.moment ?? 0) as Instant, passed) };
    return carriedOn.moment;
  }

  function decideBatch(batch: readonly Waiting[], now: Instant, most: Room): readonly Decided[] {
    const records: JournalRecord[] = [];
    return batch.map((item): Decided => {
      const decision = decideOne(item.command, now);
      if (decision instanceof Error) return { item, error: decision };
      const { events, reply } = decision;
      if (events.length === 0) return { item, reply, record: null };
      const record = { seq: working.seq + 1, at: now, events };
      records.push(record);
      if (!hasRoom(records, item.command, decision, most)) {
        records.pop();
        return { item, error: new GatewayFull('the disk is full') };
      }
      evolve(working, record);
      return { item, reply, record };
    });
  }

  /** A decision that throws is a defect of ours; it costs that command, not the gate: nothing has changed yet. */
  function decideOne(command: Command, now: Instant): Decision | Error {
    try {
      return decide(world, working, command, now);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Whether the last of these records, which the command has led to, may be written with the others. */
  function hasRoom(records: readonly JournalRecord[], command: Command, decision: Decision, most: Room): boolean {
    const room = most === 'none' ? 'none' : journal.room(records);
    if (room === 'none') return false;
    return (room === 'free' && most === 'free') || !fromOutside(command) || letsLeave(decision.events);
  }

  /** @param ahead how far the batch's moment is ahead of a clock that is behind the journal, in ms; else about 0. */
  async function commit(decided: readonly Decided[], ahead: number): Promise<void> {
    const records = decided.flatMap((one) => ('record' in one && one.record ? [one.record] : []));
    if (records.length > 0) await journal.append(records);
    for (const record of records) evolve(committed, record);
    const now = performance.now();
    for (const one of decided) {
      if ('error' in one) {
        one.item.reject(one.error);
        continue;
      }
      const { item, reply, record } = one;
      item.resolve(reply);
      if (!record) continue;
      // Deadlines are kept by the clock as it goes: by the journal's time, which runs ahead of it, an arm would rise late.
      for (const effect of effectsOf(record)) parts.onEffect({ ...effect, deadline: after(effect.deadline, -ahead) });
      parts.onCommit({ record, command: item.command, reply, ms: now - item.since });
    }
  }

  /** After a failed write nobody knows what the disk holds, and `working` may be ahead of it: only a restart tells. */
  function fail(error: Error, batch: readonly Waiting[]): void {
    ended = 'failed';
    for (const item of [...batch, ...inbox.splice(0)]) item.reject(new GatewayStopped('the journal has failed'));
    parts.onFatal(error);
  }

  return {
    submit,
    state: () => committed,
    pulse: () =>
      new Promise((resolve) => {
        pulses.push(resolve);
        running ??= run();
      }),
    async stop() {
      ended ??= 'stopping';
      await running;
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
