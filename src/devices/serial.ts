/**
 * A serial line that comes and goes. What a write finds closed is refused: serialport would keep it and send it when
 * the port opens again (a relay's command after a replug), so each connection is a new `SerialPort`, never reopened.
 */
import { SerialPort } from 'serialport';
import type { Said, Sentence } from '../core/errors.ts';
import { inWords } from '../core/sentence.ts';
import { SECOND } from '../core/time.ts';
import type { Faults } from '../gateway/ports.ts';
import { ignore, type Sent, within } from './link.ts';

export interface SerialParts {
  /** The device, as the faults name it. */
  readonly device: string;
  /** `/dev/serial/by-path/…`, or a name that udev gives. */
  readonly path: string;
  readonly baudRate: number;
  readonly faults: Faults;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called when the port has opened, and when it is gone. Down before the first call. */
  readonly onState: (up: boolean) => void;
}

export interface SerialLine {
  /** Begins to open the port, and goes on trying. A port that is not there is a fault, not an error. */
  start(): void;
  /** Writes now or never. `sent` means that the system has the bytes. */
  write(bytes: Uint8Array): Promise<Sent>;
  /** Lets what was written go out, then closes. Resolves in bounded time. */
  stop(): Promise<void>;
}

const FIRST_RETRY = SECOND / 4;
const LAST_RETRY = 5 * SECOND;
/** A write that the port has not taken by then never will be taken, in ms. */
const WRITE_DEADLINE = SECOND;
/** Bytes that may wait to be written: over a second's worth at 9600 baud, which is also the deadline. */
const MAX_WAITING = 4096;
const STOP_LIMIT = SECOND;

const CLOSED: Sentence = { zh: '已关闭或被拔出', en: 'it was closed' };
const NOT_TAKEN: Sentence = {
  zh: `${WRITE_DEADLINE} ms 内写不进去`,
  en: `a write was not taken in ${WRITE_DEADLINE} ms`,
};
/** What serialport makes of the system's errors, with words for the usual ones. */
const PORT_ERRORS: readonly (readonly [english: string, words: string])[] = [
  ['No such file or directory', '设备不存在，检查线缆、供电和路径（ENOENT）'],
  ['No such device', '没有此设备（ENXIO）'],
  ['Permission denied', '没有权限（EACCES）；服务能否使用此串口？参见用户组 dialout'],
  ['Cannot lock port', '正被其他程序占用'],
  ['resource busy', '正被其他程序占用（EBUSY）'],
  ['Input/output error', '读写出错（EIO），可能已被拔出'],
  ['Inappropriate ioctl', '不是串口（ENOTTY）'],
];

export function serialLine(parts: SerialParts): SerialLine {
  const { device, path, baudRate, faults, onBytes, onState } = parts;
  /** The open port; null while there is none. A port that was given up is never looked at again. */
  let current: SerialPort | null = null;
  let retry: NodeJS.Timeout | undefined;
  let pause = FIRST_RETRY;
  let stopped = false;

  function open(): void {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    // An unplug comes as two `close` events, and errors come late: each counts only while the port is the current one.
    port.on('close', (error: Error | null) => lose(port, error?.message ?? CLOSED));
    port.on('error', (error) => lose(port, error.message));
    // Always reading, or an unplug would not be noticed on a line that is only written to.
    port.on('data', (bytes: Uint8Array) => {
      if (port === current) onBytes(bytes);
    });
    port.open((error) => {
      if (stopped) release(port);
      else if (error) again(error.message);
      else opened(port);
    });
  }

  function opened(port: SerialPort): void {
    current = port;
    pause = FIRST_RETRY;
    // Some scanners are switched on by these lines; a port without them works all the same.
    port.set({ dtr: true, rts: true }, ignore);
    faults.clear('PORT_GONE', device);
    onState(true);
  }

  function lose(port: SerialPort, why: Said): void {
    if (port !== current) return;
    current = null;
    release(port);
    onState(false);
    if (!stopped) again(why);
  }

  function again(why: Said): void {
    faults.raise('PORT_GONE', device, portText(path, why));
    retry = setTimeout(open, pause);
    pause = Math.min(2 * pause, LAST_RETRY);
  }

  function write(bytes: Uint8Array): Promise<Sent> {
    const port = current;
    if (port === null || !port.isOpen || port.writableLength + bytes.length > MAX_WAITING) {
      return Promise.resolve('refused');
    }
    return new Promise((resolve) => {
      const deadline = setTimeout(() => {
        resolve('uncertain');
        lose(port, NOT_TAKEN);
      }, WRITE_DEADLINE);
      port.write(bytes, (error) => {
        clearTimeout(deadline);
        resolve(error ? 'uncertain' : 'sent');
      });
    });
  }

  return {
    start: open,
    write,
    async stop() {
      stopped = true;
      clearTimeout(retry);
      const port = current;
      if (port === null) return;
      const closed = new Promise((resolve) => port.once('close', resolve));
      let drained = false;
      const drain = new Promise<void>((resolve) => {
        port.drain((error) => {
          drained = !error;
          resolve();
        });
      });
      await within(STOP_LIMIT, Promise.race([drain, closed]));
      current = null;
      if (drained && port.isOpen) port.close(ignore);
      else release(port);
      await within(STOP_LIMIT, closed);
    },
  };
}

/** What a person needs to know of a port that cannot be used. */
function portText(path: string, why: Said): Sentence {
  const bare = inWords(why, 'en').replace(/^Error: /, '');
  const hint = bare.includes('Permission denied') ? ' (may the service use this port? see the group dialout)' : '';
  const words = typeof why === 'string' ? PORT_ERRORS.find(([english]) => bare.includes(english))?.[1] : why.zh;
  return {
    zh: `${path}：${words ?? bare}`,
    en: `${bare.includes(path) ? '' : `${path}: `}${bare}${hint}`,
  };
}

/** Throws away what has not gone out (closing a stuck port would wait for it) and closes. */
function release(port: SerialPort): void {
  if (!port.isOpen) return;
  port.flush(() => port.close(ignore));
}
