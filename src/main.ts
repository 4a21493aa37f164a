/** The command line. Each command returns its exit code: 0 done, 1 it did not work, 2 it was called wrongly. */
import { endWithReader, type Terminal, terminal, UsageError } from './cli/terminal.ts';
import { VERSION } from './version.ts';

interface Command {
  readonly name: string;
  readonly summary: string;
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

// Each command is loaded when it is called: the gate does without what the others need.
const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    summary: 'run the gates that a configuration file describes',
    run: async (args, to) => (await import('./cli/run.ts')).runCommand(args, to),
  },
  {
    name: 'check',
    summary: 'check a configuration file: every mistake at once, with what to write instead',
    run: async (args, to) => (await import('./cli/check.ts')).checkCommand(args, to),
  },
  {
    name: 'demo',
    summary: 'start a whole car park with virtual devices, and drive a car through it',
    run: async (args, to) => (await import('./cli/demo.ts')).demoCommand(args, to),
  },
  {
    name: 'fee',
    summary: 'what a stay costs and why; "fee lint" checks a price sheet, "fee table" draws it',
    run: async (args, to) => (await import('./cli/fee.ts')).feeCommand(args, to),
  },
  {
    name: 'status',
    summary: 'how the gate is: faults, lanes, what waits for Mallcoo; "--watch" follows it',
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/status.ts')).statusCommand(args, to);
    },
  },
  {
    name: 'outbox',
    summary: 'what waits for Mallcoo and what it did not take: list, "retry", "drop"',
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/outbox.ts')).outboxCommand(args, to);
    },
  },
  {
    name: 'journal',
    summary: 'what happened at the gates, from the journal: list, follow, "verify", "repair", "replay"',
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/journal.ts')).journalCommand(args, to);
    },
  },
  {
    name: 'archive',
    summary: 'old visits and payments, from the archive: by plate, ticket, visit or order; "--verify"',
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/archive.ts')).archiveCommand(args, to);
    },
  },
  {
    name: 'payments',
    summary: 'what Mallcoo paid on a day, what was credited, and what somebody must look at',
    run: async (args, to) => {
      endWithReader();
      return (await import('./cli/payments.ts')).paymentsCommand(args, to);
    },
  },
  {
    name: 'let-out',
    summary: 'let the vehicle go that is held at an exit, with a reason for the books',
    run: async (args, to) => (await import('./cli/let-out.ts')).letOutCommand(args, to),
  },
  {
    name: 'mallcoo',
    summary: 'play Mallcoo against a site; "mallcoo check" tells clause by clause whether it keeps the standard',
    run: async (args, to) => (await import('./cli/mallcoo.ts')).mallcooCommand(args, to),
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
