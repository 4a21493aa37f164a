/** The little of systemd that a service with Restart=always needs: what ends is started again after a pause. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { until } from '../daemon/support.ts';

export interface Service {
  /** The process that runs now; undefined in the pause before the next. */
  pid(): number | undefined;
  /** How often it was started. */
  starts(): number;
  /** Everything it has printed. */
  output(): string;
  /** As `systemctl restart` does it, to a process that does not listen. */
  restart(): void;
}

export function supervise(t: TestContext, command: readonly string[], restartSeconds: number): Service {
  const [program = '', ...args] = command;
  let child: ChildProcess | null = null;
  let timer: NodeJS.Timeout | undefined;
  let starts = 0;
  let output = '';
  let stopped = false;
  function start(): void {
    starts += 1;
    const running = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = running;
    for (const stream of [running.stdout, running.stderr]) {
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    running.on('error', (error) => (output += `${error.message}\n`));
    running.on('exit', (code, signal) => {
      output += `-- ended: ${code ?? signal}\n`;
      child = null;
      if (!stopped) timer = setTimeout(start, restartSeconds * 1_000);
    });
  }
  t.after(async () => {
    stopped = true;
    clearTimeout(timer);
    child?.kill('SIGKILL');
    await until('the service to end', () => child === null);
  });
  start();
  return {
    pid: () => child?.pid,
    starts: () => starts,
    output: () => output,
    restart: () => void child?.kill('SIGKILL'),
  };
}
