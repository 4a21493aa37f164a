/** `gatepost journal`: what happened at the gates, from the journal itself; whether it is whole; what it folds into. */
import { StoreError } from '../store/files.ts';
import { listCommand } from './journal-list.ts';
import { repairCommand } from './journal-repair.ts';
import { replayCommand } from './journal-replay.ts';
import { EVENT_TYPES } from './journal-text.ts';
import { verifyCommand } from './journal-verify.ts';
import type { Terminal } from './terminal.ts';

const HELP = `usage: gatepost journal WHERE [options]          what happened, one line per event
       gatepost journal verify DATA              whether every byte is as it was written; changes nothing
       gatepost journal repair DATA [--yes]      what a start of the gate would repair; with --yes it is done
       gatepost journal replay WHERE [options]   the state that the journal folds into

WHERE is a data folder, a configuration file (.yaml), a file of the journal, or - for a pipe.
It only reads, takes no lock, and may be used while the gate runs.

  --plate P       events of this vehicle (or ticket), from entry to exit, also under a plate corrected later
  --visit V       events of this visit (Mallcoo's feeId)
  --since TIME    from here on: "2026-11-22 10:00", "2026-11-22", or 30m, 2h, 3d for so long ago
  --until TIME    before this moment
  --type T,…      only these: ${EVENT_TYPES.slice(0, 6).join(', ')},
                  ${EVENT_TYPES.slice(6).join(', ')}
  --lane L        only this lane
  --limit N       only the last N lines
  --json          the records as they are in the journal, one per line; "journal replay" reads them again
  --follow        go on as the gate writes, until Ctrl-C
  --zone ZONE     of the times shown and given: default the configuration's, or Asia/Shanghai
  --language L    en or zh; default that of the system
`;

/**
 * Runs `gatepost journal …`.
 * @param args what follows `journal`.
 * @returns 0 done, 1 it could not be read, or is damaged.
 * @throws UsageError when it was called wrongly.
 */
export async function journalCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = args;
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(HELP);
    return 0;
  }
  try {
    if (word === 'verify') return await verifyCommand(rest, terminal);
    if (word === 'repair') return await repairCommand(rest, terminal);
    if (word === 'replay') return await replayCommand(rest, terminal);
    return await listCommand(args, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    terminal.err(`gatepost journal: ${error.message}\n`);
    return 1;
  }
}
