/** The interview's paper: a real terminal, in which secrets are not shown while they are typed. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Paper } from '../init/hold.ts';

/** The person has ended the interview: Ctrl-C, Ctrl-D, or a terminal that is gone. */
export class Ended extends Error {}

export interface TerminalPaper extends Paper {
  /** Gives the terminal back. */
  close(): void;
}

/** Takes the terminal over. Everything goes to standard error: standard output may be a file. */
export function terminalPaper(input: NodeJS.ReadStream, output: NodeJS.WriteStream): TerminalPaper {
  /** Readline echoes what is typed here; only while a question stands that is no secret it may be seen. */
  let seen = false;
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (seen) output.write(chunk);
      done();
    },
  });
  const readline = createInterface({ input, output: echo, terminal: true, historySize: 0 });
  /** Lines that were typed, or pasted, ahead of their question. */
  const ahead: string[] = [];
  let waiting: { resolve(line: string): void; reject(error: Error): void } | null = null;
  let ended = false;

  readline.on('line', (line) => {
    // What else came with this line belongs to questions that are still to be asked: they may be secrets.
    seen = false;
    const next = waiting;
    waiting = null;
    if (next === null) ahead.push(line);
    else next.resolve(line);
  });
  const end = (): void => {
    ended = true;
    waiting?.reject(new Ended());
    waiting = null;
  };
  readline.on('SIGINT', end);
  readline.on('close', end);

  return {
    write: (text) => void output.write(text),
    async line(prompt, secret) {
      if (ended) throw new Ended();
      const early = ahead.shift();
      if (early !== undefined) {
        output.write(`${prompt}${secret ? '' : early}\n`);
        return early.trim();
      }
      if (secret) output.write(prompt);
      seen = !secret;
      const line = new Promise<string>((resolve, reject) => {
        waiting = { resolve, reject };
      });
      readline.setPrompt(secret ? '' : prompt);
      readline.prompt();
      try {
        return (await line).trim();
      } finally {
        if (secret) output.write('\n');
      }
    },
    close() {
      readline.close();
    },
  };
}
