/** What the commands say of themselves: the manual page and the completions are made of it, so they cannot go stale. */
import type { Language, Sentence } from '../../src/core/errors.ts';
import { COMMANDS } from '../../src/main.ts';

export interface CommandHelp {
  readonly name: string;
  readonly summary: Sentence;
  /** What `gatepost NAME --help` prints. */
  readonly text: Sentence;
  readonly options: readonly Option[];
  readonly subcommands: readonly Subcommand[];
}

interface Subcommand {
  readonly name: string;
  /** What `gatepost NAME SUBCOMMAND --help` prints, where that is a help of its own. */
  readonly text: Sentence | null;
  readonly options: readonly Option[];
}

export interface Option {
  /** `--limit` */
  readonly name: string;
  /** What stands behind it in the help, `N`, or `zh|en` for a choice; null for a switch. */
  readonly value: string | null;
}

/** Taken by every command, whether its help tells of them or not. */
const COMMON: readonly Option[] = [
  { name: '--help', value: null },
  { name: '--language', value: 'zh|en' },
];

/** Asks every command for its help, in both languages. */
export async function helpOfCommands(): Promise<readonly CommandHelp[]> {
  // Some commands listen there for a reader that has seen enough, each time they are asked.
  process.stdout.setMaxListeners(0);
  return Promise.all(
    COMMANDS.map(async ({ name, summary, run }) => {
      const text = await helpOf(run, []);
      const subcommands = subcommandsOf(name, text.en).map(async (subcommand) => {
        const own = await helpOf(run, [subcommand]);
        const differs = own.en !== text.en && own.en !== '';
        return { name: subcommand, text: differs ? own : null, options: optionsOf(differs ? own.en : text.en) };
      });
      return { name, summary, text, options: optionsOf(text.en), subcommands: await Promise.all(subcommands) };
    }),
  );
}

type Run = (typeof COMMANDS)[number]['run'];

async function helpOf(run: Run, before: readonly string[]): Promise<Sentence> {
  const ask = async (language: Language): Promise<string> => {
    const printed: string[] = [];
    await run([...before, '--help'], { language, out: (text) => void printed.push(text), err: () => undefined });
    return printed.join('');
  };
  return { zh: await ask('zh'), en: await ask('en') };
}

/** Words in the place of a subcommand: "gatepost outbox [list] …", "gatepost fee lint FILE…". */
function subcommandsOf(command: string, help: string): readonly string[] {
  const uses = help.matchAll(new RegExp(`^(?:usage: +| +)?gatepost ${command} \\[?([a-z][a-z-]*)\\b`, 'gm'));
  return [...new Set([...uses].map((use) => use[1] ?? ''))];
}

/** An option with its value: `--limit N`, `--by arrival|pay-time`, `--day 2026-11-22`, `--all`. */
const OPTION = /(?<![\w-])(--[a-z][a-z-]*)(?:[ =]([A-Z0-9"][^\s\]]*|[a-z][a-z-]*(?:\|[a-z][a-z-]*)+))?/g;

function optionsOf(help: string): readonly Option[] {
  const found = new Map<string, string | null>();
  for (const [, name = '', value] of help.matchAll(OPTION)) {
    // Told again in passing it may stand without its value.
    found.set(name, found.get(name) ?? value ?? null);
  }
  for (const { name, value } of COMMON) found.set(name, value);
  return [...found].map(([name, value]) => ({ name, value }));
}
