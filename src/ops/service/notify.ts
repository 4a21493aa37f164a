/**
 * What the service manager is told, by systemd's protocol. Node has no datagrams of AF_UNIX, so `systemd-notify` sends them,
 * and a shell that is started once starts it each time: a spawn of the gate itself stops its loop for as long as its memory is
 * copied (18 ms at 250 MB), a line to a pipe does not.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** A message: assignments by name, such as `WATCHDOG` = `1`. */
export type Message = Readonly<Record<string, string>>;

export interface Notifier {
  /**
   * Sends it, or adds it to what waits: one message is under way at a time, and those that wait become one, the later values
   * counting. Never blocks, never throws.
   */
  send(message: Message): void;
  /** Ends the helper once what waits is sent; nothing may be sent after. */
  close(): void;
}

export interface NotifierParts {
  /** `NOTIFY_SOCKET`. */
  readonly socket: string;
  /** `PATH`. */
  readonly path: string;
  /** Nothing can be told any more, and why. Called once at most. */
  readonly onFailure: (reason: string) => void;
}

/** The words of one message without blanks in them, then the text of its status; answered by the exit status. */
const HELPER = `
trap '' TERM INT HUP
set -f
while IFS= read -r words && IFS= read -r status; do
  set -- $words
  test -z "$status" || set -- "$@" "STATUS=$status"
  systemd-notify "$@"
  echo $?
done`;

/** A helper that ends is started again so often at most. */
const STARTS = 3;

type Helper = ChildProcessByStdio<Writable, Readable, null>;

/** In one message systemd takes `RELOADING` after `READY`, and would wait for another. */
function merged(before: Message, message: Message): Message {
  const { RELOADING: _, ...rest } = before;
  return { ...('READY' in message ? rest : before), ...message };
}

export function createNotifier({ socket, path, onFailure }: NotifierParts): Notifier {
  let helper: Helper | null;
  let starts = 0;
  let waiting: Message | null = null;
  let underWay: Message | null = null;
  let failed = false;
  let closing = false;

  function fail(reason: string): void {
    if (!failed) onFailure(reason);
    failed = true;
    waiting = underWay = null;
    helper?.stdin.end();
  }

  function start(): Helper {
    starts += 1;
    const env = { NOTIFY_SOCKET: socket, PATH: path };
    const child = spawn('/bin/sh', ['-c', HELPER], { stdio: ['pipe', 'pipe', 'ignore'], env });
    // It keeps no process alive.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => answered(chunk.toString().trim()));
    child.on('error', (error) => gone(child, error.message));
    child.on('exit', (code, signal) => gone(child, `its shell ended (${code ?? signal})`));
    return child;
  }

  function gone(child: Helper, reason: string): void {
    if (helper !== child) return;
    helper = null;
    if (underWay === null) return;
    waiting = merged(underWay, waiting ?? {});
    underWay = null;
    if (starts < STARTS) next();
    else fail(reason);
  }

  function answered(status: string): void {
    underWay = null;
    // One that was not taken is made good by the next.
    if (status === '127') fail('systemd-notify is missing');
    else next();
  }

  function next(): void {
    if (underWay !== null || failed) return;
    if (waiting === null) {
      if (closing) helper?.stdin.end();
      return;
    }
    [underWay, waiting] = [waiting, null];
    helper ??= start();
    const { STATUS = '', ...words } = underWay;
    const assignments = Object.entries(words).map(([name, value]) => `${name}=${value}`);
    helper.stdin.write(`${assignments.join(' ')}\n${STATUS.replaceAll(/\p{Cc}/gu, ' ')}\n`);
  }

  // Now, while the process is small: what is spawned is copied from it first.
  helper = start();
  return {
    send(message) {
      if (failed) return;
      waiting = merged(waiting ?? {}, message);
      next();
    },
    close() {
      closing = true;
      next();
    },
  };
}
