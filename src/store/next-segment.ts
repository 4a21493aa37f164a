/** The next segment: made ahead of its time, and the first to notice that the disk is full. */
import type { Sentence } from '../core/errors.ts';
import { type Faults, JournalFull, type Log } from '../gateway/ports.ts';
import type { Disk } from './disk.ts';
import { errorSaid, isFull } from './files.ts';
import { prepareSegment } from './segment.ts';

export interface NextParts {
  readonly disk: Disk;
  readonly folder: string;
  /** The usual size of a segment, in bytes. */
  readonly segmentBytes: number;
  readonly faults: Faults;
  readonly log: Log;
}

export interface NextSegment {
  /** There was no room for it when it was last tried. */
  full(): boolean;
  /** Begins to make it, once: what fails now is tried again when it is needed. */
  begin(): void;
  /**
   * Waits until a segment of at least so many bytes is made.
   * @returns its size in bytes.
   * @throws JournalFull when there is no room for it, or the system's error.
   */
  make(needed: number): Promise<number>;
  /** It has been given its name: the one after it comes next. */
  taken(): void;
  /** Tries again if there was no room. Never rejects. */
  retry(): Promise<void>;
  /** Returns once nothing is under way. */
  settled(): Promise<void>;
}

const KIB = 1024;
const NOT_PREPARED: Sentence = {
  zh: '下一个日志账本分段未能备好',
  en: 'the next journal segment could not be prepared',
};

export function nextSegment({ disk, folder, segmentBytes, faults, log }: NextParts): NextSegment {
  let making: Promise<void> | null = null;
  /** The size of the one that is made, or 0. */
  let ready = 0;
  let begun = false;
  let full = false;

  function prepare(bytes: number): Promise<void> {
    ready = 0;
    making = prepareNow(bytes).finally(() => {
      making = null;
    });
    return making;
  }

  async function prepareNow(bytes: number): Promise<void> {
    try {
      await prepareSegment(disk, folder, bytes);
    } catch (error) {
      if (!isFull(error)) throw error;
      full = true;
      faults.raise('DISK_FULL', 'journal', `${Math.ceil(bytes / KIB)} KiB`);
      throw new JournalFull(`no room for a journal segment of ${bytes} bytes`);
    }
    ready = bytes;
    full = false;
    faults.clear('DISK_FULL', 'journal');
  }

  return {
    full: () => full,
    begin() {
      if (begun) return;
      begun = true;
      prepare(segmentBytes).catch((error: unknown) => {
        if (!(error instanceof JournalFull)) {
          log.info(NOT_PREPARED, { reason: errorSaid(error) });
        }
      });
    },
    async make(needed) {
      while (making !== null) await making.catch(() => undefined);
      if (ready < needed) await prepare(Math.max(segmentBytes, needed));
      return ready;
    },
    taken() {
      ready = 0;
      begun = false;
    },
    async retry() {
      if (full && !making) await prepare(segmentBytes).catch(() => undefined);
    },
    async settled() {
      await making?.catch(() => undefined);
    },
  };
}
