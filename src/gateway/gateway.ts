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
import type { State } from '../core/park/state.ts';
import { type Instant, SECOND } from '../core/time.ts';
import {
  type Clock,
  type Committed,
  type Faults,
  type Gateway,
  GatewayBusy,
  GatewayStopped,
  type Journal,
} from './ports.ts';

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
  /** Called for each effect of a committed record, in order. Must not throw. */
  readonly onEffect: (effect: Effect) => void;
  /** The journal has failed: the process must end and recover from the disk. Called once. */
  readonly onFatal: (error: Error) => void;
}

export interface RunningGateway extends Gateway {
  /** Takes no more commands, finishes those it has, and resolves when nothing is under way. */
  stop(): Promise<void>;
}

interface Waiting {
  readonly command: Command;
  readonly since: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

interface Decided {
  readonly item: Waiting;
  readonly reply: Reply;
  readonly record: JournalRecord | null;
}

/** A clock this much behind the journal is a fault; less is the jitter of time synchronisation. */
const CLOCK_TOLERANCE = SECOND;

/** Readings and payments come from outside and can flood; the gate's own commands are few, follow from them, and go in. */
function fromOutside(command: Command): boolean {
  return command.type === 'reading' || command.type === 'pay';
}

/** Starts the loop. It runs only while there is work; there is nothing to start or poll. */
export function startGateway(parts: GatewayParts): RunningGateway {
  const { world, working, committed, journal, clock, faults } = parts;
  const inbox: Waiting[] = [];
  let running: Promise<void> | null = null;
  let ended: 'stopping' | 'failed' | null = null;

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
    while (inbox.length > 0 && ended !== 'failed') {
      // One turn of the event loop: whatever arrives in it shares this batch's flush.
      await nextTurn();
      const batch = inbox.splice(0, parts.batchLimit);
      if (inbox.length < parts.inboxLimit / 2) faults.clear('INBOX_FULL', 'gateway');
      try {
        await commit(decideBatch(batch, moment()));
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)), batch);
      }
    }
    // In the same breath as the last look at the inbox: a command that comes a moment later starts the loop anew.
    running = null;
  }

  /** Time never goes back: behind the last record it stands still, and says so. */
  function moment(): Instant {
    const now = clock.now();
    const behind = working.at - now;
    if (behind > CLOCK_TOLERANCE) faults.raise('CLOCK_BEHIND', 'clock', `${Math.ceil(behind / SECOND)} s`);
    else faults.clear('CLOCK_BEHIND', 'clock');
    return Math.max(now, working.at) as Instant;
  }

  function decideBatch(batch: readonly Waiting[], now: Instant): readonly Decided[] {
    const decided: Decided[] = [];
    for (const item of batch) {
      const decision = decideOne(item, now);
      if (decision === null) continue;
      const { events, reply } = decision;
      const record = events.length > 0 ? { seq: working.seq + 1, at: now, events } : null;
      if (record) evolve(working, record);
      decided.push({ item, reply, record });
    }
    return decided;
  }

  /** A decision that throws is a defect of ours; it costs that command, not the gate: nothing has changed yet. */
  function decideOne(item: Waiting, now: Instant): Decision | null {
    try {
      return decide(world, working, item.command, now);
    } catch (error) {
      item.reject(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  async function commit(decided: readonly Decided[]): Promise<void> {
    const records = decided.flatMap(({ record }) => (record ? [record] : []));
    if (records.length > 0) await journal.append(records);
    for (const record of records) evolve(committed, record);
    const now = performance.now();
    for (const { item, reply, record } of decided) {
      item.resolve(reply);
      if (!record) continue;
      for (const effect of effectsOf(record)) parts.onEffect(effect);
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
