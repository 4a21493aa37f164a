/** The command line. Each command returns its exit code: 0 done, 1 it did not work, 2 it was called wrongly. */
import { archiveCommand } from './cli/archive.ts';
import { checkCommand } from './cli/check.ts';
import { demoCommand } from './cli/demo.ts';
import { feeCommand } from './cli/fee.ts';
import { journalCommand } from './cli/journal.ts';
import { mallcooCommand } from './cli/mallcoo.ts';
import { paymentsCommand } from './cli/payments.ts';
import { runCommand } from './cli/run.ts';
import { endWithReader, type Terminal, terminal, UsageError } from './cli/terminal.ts';
import { VERSION } from './daemon.ts';

interface Command {
  readonly name: string;
  readonly summary: string;
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

const COMMANDS: readonly Command[] = [
  { name: 'run', summary: 'run the gates that a configuration file describes', run: runCommand },
  {
    name: 'check',
    summary: 'check a configuration file: every mistake at once, with what to write instead',
    run: checkCommand,
  },
  {
    name: 'demo',
    summary: 'start a whole car park with virtual devices, and drive a car through it',
    run: demoCommand,
  },
  {
    name: 'fee',
    summary: 'what a stay costs and why; "fee lint" checks a price sheet, "fee table" draws it',
    run: (args, { out, err }) =>
      feeCommand(
        args,
        (text) => out(`${text}\n`),
        (text) => err(`${text}\n`),
      ),
  },
  {
    name: 'journal',
    summary: 'what happened at the gates, from the journal: list, follow, "verify", "repair", "replay"',
    run: (args, terminal) => {
      endWithReader();
      return journalCommand(args, terminal);
    },
  },
  {
    name: 'payments',
    summary: 'what Mallcoo paid on a day, what was credited, and what somebody must look at',
    run: (args, terminal) => {
      endWithReader();
      return paymentsCommand(args, terminal);
    },
  },
  {
    name: 'mallcoo',
    summary: 'play Mallcoo against a site; "mallcoo check" tells clause by clause whether it keeps the standard',
    run: mallcooCommand,
  },
  {
    name: 'archive',
    summary: 'old visits and payments, from the archive: by plate, ticket, visit or order; "--verify"',
    run: (args, terminal) => {
      endWithReader();
      return archiveCommand(args, terminal);
    },
  },
];

const HELP = `gatepost ${VERSION}: runs a car park's gates from the PC beside them

usage: gatepost COMMAND [options]

commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

gatepost COMMAND --help tells more. First steps: gatepost demo
`;

/** Runs one command. Never throws for a person's mistake: it says what is wrong, and returns 1 or 2. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === '--version' || name === '-V') {
    terminal.out(`gatepost ${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) {
    terminal.err(`gatepost: there is no command "${name}". There are: ${COMMANDS.map((c) => c.name).join(', ')}.\n`);
    return 2;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`gatepost ${name}: ${error.message}\nTry: gatepost ${name} --help\n`);
    return 2;
  }
}
