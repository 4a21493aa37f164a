/** The real machine. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { lookAtProcesses, type Processes } from './processes.ts';
import type { Machine, Ran } from './site.ts';

/** `systemctl` waits for the bus, which may stand still. */
const PROGRAM_MS = 5_000;
/** Where a technician's PATH does not look. */
const SYSTEM_FOLDERS = ':/usr/sbin:/sbin';

/** @param env the process's environment. */
export function realMachine(env: NodeJS.ProcessEnv): Machine {
  let looked: Promise<Processes> | null = null;
  return {
    uid: process.geteuid?.() ?? 0,
    // As sd_booted(3) tells.
    systemd: existsSync('/run/systemd/system'),
    run: (program, args) => run(program, args, { ...env, PATH: `${env['PATH'] ?? ''}${SYSTEM_FOLDERS}`, LC_ALL: 'C' }),
    now: () => Date.now(),
    addresses: () => Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
    processes() {
      looked ??= lookAtProcesses();
      return looked;
    },
  };
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran | null> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: PROGRAM_MS }, (error, out) => {
      if (error?.code === 'ENOENT' || error?.code === 'EACCES') resolve(null);
      else resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, out });
    });
  });
}
