/** The real program on a real terminal: a pseudo-terminal whose other end is the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from '../daemon/support.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');

export interface OnTerminal {
  /** Everything that the terminal has shown. */
  shown(): string;
  /** Waits until the prompt is shown, after what was waited for before, and types the reply with Enter. */
  reply(prompt: string, text?: string): Promise<void>;
  /** Waits until the text is shown, as above. */
  sees(text: string): Promise<void>;
  /** Types what is given, and no Enter. */
  type(text: string): void;
  /** Waits for the end. @returns the exit code as the shell saw it. */
  code(): Promise<number>;
}

/** Runs `gatepost` with words that need no quotes. It is ended with the test. Needs socat. */
export function onTerminal(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): OnTerminal {
  const line = [process.execPath, BIN, ...args].join(' ');
  // A shell in between, for the exit code; the program is the terminal's foreground process all the same.
  const child: ChildProcess = spawn('socat', ['-', `SYSTEM:${line}; echo "[code $?]",pty,setsid,ctty,stderr`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GATEPOST_LANGUAGE: 'en', ...env },
  });
  const exit = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  let shown = '';
  let seen = 0;
  child.stdout?.on('data', (piece: Buffer) => (shown += piece.toString()));
  const sees = async (text: string): Promise<void> => {
    await until(`"${text}" on the terminal, which shows:\n${shown.slice(seen)}`, () => shown.indexOf(text, seen) >= 0);
    seen = shown.indexOf(text, seen) + text.length;
  };
  const type = (text: string): void => void child.stdin?.write(text);
  return {
    shown: () => shown,
    sees,
    type,
    async reply(prompt, text = '') {
      await sees(prompt);
      type(`${text}\r`);
    },
    async code() {
      const [, code] = await until('the end', () => /\[code (\d+)\]/.exec(shown) ?? undefined);
      return Number(code);
    },
  };
}
