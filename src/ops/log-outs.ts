/** The places that the daemon's log goes to, each behind its own writer; what becomes of them is a fault like any other. */
import type { Sentence } from '../core/errors.ts';
import type { Faults } from '../gateway/ports.ts';
import { type LogForm, type Logger, type LogOut, noticeLine, rendered } from './log.ts';
import { createSink, type LogPlace, type LogSink } from './log-sink.ts';

/** A place and whether it is systemd's journal. */
export interface OutPlace {
  readonly place: LogPlace;
  readonly journal: boolean;
}

export interface LogOuts {
  readonly outs: readonly LogOut[];
  /** From here on LOG_FAILED is raised and cleared, by the place's name. */
  watch(faults: Faults, log: Logger): void;
  /** Writes what waits, within {@link CLOSE_MS}. Never rejects. */
  close(): Promise<void>;
}

/** How long the last lines may take when the gate stops. */
const CLOSE_MS = 2_000;

export function openOuts(places: readonly OutPlace[], form: LogForm): LogOuts {
  const sinks = places.map(({ place, journal }): { readonly sink: LogSink; readonly out: LogOut } => {
    const gap = (lost: number): string => rendered(form, { journal }, noticeLine('LOG_LINES_LOST', { value: lost }));
    const sink = createSink({ place, gap });
    return { sink, out: { journal, write: sink.write } };
  });
  return {
    outs: sinks.map(({ out }) => out),
    watch(faults, log) {
      const watcher = {
        failing: (name: string, reason: string, lost: number) =>
          faults.raise('LOG_FAILED', name, failure(reason, lost)),
        working(name: string, lost: number) {
          if (lost > 0) log.notice('LOG_LINES_LOST', { value: lost, where: name });
          faults.clear('LOG_FAILED', name);
        },
      };
      for (const { sink } of sinks) sink.watch(watcher);
    },
    async close() {
      await Promise.all(sinks.map(({ sink }) => sink.close(CLOSE_MS)));
    },
  };
}

function failure(reason: string, lost: number): Sentence {
  return { zh: `${reason}；已丢失 ${lost} 行`, en: `${reason}; ${lost} lines lost so far` };
}
