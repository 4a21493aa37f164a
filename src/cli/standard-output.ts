/**
 * Standard output as a place for the log that can never hold up the gate: a pipe that nobody empties, a terminal that was
 * halted with Ctrl-S, a file on a full disk.
 */
import { constants, fstatSync, openSync, write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import type { OutPlace } from '../ops/log-outs.ts';
import type { LogPlace } from '../ops/log-sink.ts';

const FD = 1;
const NAME = 'stdout';
/** A terminal that takes nothing is asked again after so many ms. */
const ASK_AGAIN_MS = 50;

const writeSome = promisify(write);

/** The process's own standard output. `env` tells whether it is the journal of systemd. */
export function standardOutput(env: Readonly<Record<string, string | undefined>>): OutPlace {
  const found = fstatSync(FD, { bigint: true });
  const journal = env['JOURNAL_STREAM'] === `${found.dev}:${found.ino}`;
  const place = found.isSocket() || found.isFIFO() ? streamPlace(process.stdout) : filePlace(descriptor());
  return { place, journal };
}

/**
 * Node sets terminals to block. Opened anew, its own way, this one does not; where that is not allowed (after `su`), it
 * is as Node has it.
 */
function descriptor(): number {
  if (!isatty(FD)) return FD;
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return FD;
  }
}

/** Pipes and sockets: Node's stream does not block, but would keep all that is not read; one piece at a time is bounded. */
function streamPlace(stream: NodeJS.WriteStream): LogPlace {
  // Without a listener the process would end with the reader; each piece tells of its own failure.
  stream.on('error', () => undefined);
  return {
    name: NAME,
    append: (lines) =>
      new Promise((resolve, reject) => {
        stream.write(lines, (error) => {
          if (error) reject(new Error('nobody reads it any more'));
          else resolve();
        });
      }),
    close: () => Promise.resolve(),
  };
}

/** Files and terminals, off the loop's own thread. When it fails half-way a part of a line is there, and comes again. */
function filePlace(fd: number): LogPlace {
  return {
    name: NAME,
    async append(lines) {
      for (let at = 0; at < lines.length; ) {
        try {
          at += (await writeSome(fd, lines, at)).bytesWritten;
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
          // A process that has nothing else to do does not wait for it.
          await sleep(ASK_AGAIN_MS, undefined, { ref: false });
        }
      }
    },
    close: () => Promise.resolve(),
  };
}
