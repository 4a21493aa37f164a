/**
 * One writer in front of a place where log lines go. It takes lines at once and never waits: what the place cannot take now
 * is kept up to a bound, then dropped and counted, and the gate goes on.
 */
import { SECOND } from '../core/time.ts';

/** Where lines go: a file, or what stands behind standard output. */
export interface LogPlace {
  /** As people know it. */
  readonly name: string;
  /**
   * Appends whole lines. All of them are there when it resolves.
   * @throws when the place cannot take them: then nothing of them is there. It may take them later.
   */
  append(lines: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** What becomes of a place. Called from timers too; must not throw. */
export interface LogWatcher {
  /** Lines cannot be written: why, and how many have been dropped since it began. Called again as that goes on. */
  failing(place: string, reason: string, lost: number): void;
  /** It goes on, and has said how many are missing where they are. */
  working(place: string, lost: number): void;
}

export interface LogSink {
  /** @param text one line with its end, or several. Never throws, never waits. */
  write(text: string): void;
  /** Who is told. What went wrong before is told at once. */
  watch(watcher: LogWatcher): void;
  /** Writes what waits, for so many ms at most, and lets go of the place. Never rejects; later lines are dropped. */
  close(patienceMs: number): Promise<Closed>;
}

/** `lost`: the place did not take in time, or at all, what still waited. */
export type Closed = 'written' | 'lost';

/** Lines that wait take so many bytes at most: some thousands of lines, minutes of a busy gate. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Written in one go at most; smaller than any file's bound. */
const MAX_CHUNK_BYTES = 64 * 1024;
/** From one attempt at a place that fails to the next. */
const RETRY_MS = 2 * SECOND;

export interface SinkOptions {
  readonly place: LogPlace;
  /** The line that stands where lines are missing. */
  readonly gap: (lost: number) => string;
  readonly retryMs?: number;
  readonly maxWaitingBytes?: number;
}

export function createSink({ place, gap, ...limits }: SinkOptions): LogSink {
  const { retryMs = RETRY_MS, maxWaitingBytes = MAX_WAITING_BYTES } = limits;
  let waiting: Buffer[] = [];
  let bytes = 0;
  /** Dropped since the last line that was taken. */
  let dropped = 0;
  /** Dropped since the trouble began. */
  let lost = 0;
  let trouble: string | null = null;
  let watcher: LogWatcher | null = null;
  let closed = false;
  let running: Promise<void> | null = null;
  let wake: (() => void) | null = null;

  function fail(reason: string): void {
    trouble = reason;
    watcher?.failing(place.name, reason, lost);
  }

  function write(text: string): void {
    if (closed) return;
    const line = Buffer.from(text);
    if (bytes + line.length > maxWaitingBytes) {
      dropped += 1;
      lost += 1;
      // Its place has not failed, it is only too slow; the first line that is dropped tells so.
      if (trouble === null) fail('it takes lines too slowly');
      return;
    }
    if (dropped > 0) tellGap();
    add(line);
    running ??= run();
  }

  function add(line: Buffer): void {
    waiting.push(line);
    bytes += line.length;
  }

  /** Lines are missing between the last that was taken and what comes next. */
  function tellGap(): void {
    add(Buffer.from(gap(dropped)));
    dropped = 0;
  }

  /** How many of the next lines fit a chunk: one at least. */
  function fitting(): number {
    let size = 0;
    const end = waiting.findIndex((line, index) => {
      size += line.length;
      return index > 0 && size > MAX_CHUNK_BYTES;
    });
    return end < 0 ? waiting.length : end;
  }

  async function run(): Promise<void> {
    // Lines of one turn go together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const count = fitting();
      const chunk = Buffer.concat(waiting.slice(0, count));
      try {
        await place.append(chunk);
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
        if (closed) break;
        await pause();
        continue;
      }
      waiting = waiting.slice(count);
      bytes -= chunk.length;
      if (waiting.length > 0) continue;
      if (dropped > 0) tellGap();
      else if (trouble !== null) recovered();
    }
    running = null;
  }

  function recovered(): void {
    const missing = lost;
    trouble = null;
    lost = 0;
    watcher?.working(place.name, missing);
  }

  async function finish(): Promise<Closed> {
    await running;
    try {
      await place.close();
    } catch {
      // What it held is written, or counted as lost already.
      return 'lost';
    }
    return waiting.length === 0 && dropped === 0 ? 'written' : 'lost';
  }

  /** Waits for the next attempt; closing does not wait for it. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryMs);
      // A place that fails must not keep a process that has nothing else to do.
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    write,
    watch(told) {
      watcher = told;
      if (trouble !== null) told.failing(place.name, trouble, lost);
    },
    async close(patienceMs) {
      closed = true;
      wake?.();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<Closed>((resolve) => {
        timer = setTimeout(resolve, patienceMs, 'lost');
      });
      const end = await Promise.race([finish(), patience]);
      clearTimeout(timer);
      return end;
    },
  };
}
