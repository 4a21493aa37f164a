/** A site with books, a configuration and secrets, and what backs it up. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { restoreCommand } from '../../src/cli/restore.ts';
import { DEMO_SHEET, demoConfig } from '../../src/demo/config.ts';
import { tempFolder } from '../store/tools.ts';
import { day, writeFolder } from './journal-tools.ts';
import { type Ran, ran } from './ran.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.mjs');
export const TOKEN = 'a-token-that-nobody-knows';

export interface BackedSite {
  readonly dir: string;
  readonly config: string;
  readonly data: string;
  readonly file: string;
}

export function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

/** A gate that has worked for a day and stands still now. */
export async function workedSite(t: TestContext): Promise<BackedSite> {
  const dir = tempFolder(t);
  const [site, data] = [join(dir, 'site'), join(dir, 'data')];
  const auth = `auth: { type: token, token: { credential: mallcoo } }`;
  const text = demoConfig({ portBase: 0, data })
    .replace('auth: { type: none }', auth)
    .replace('    tariff: standard', '    passes: tables/staff.csv\n    tariff: standard');
  put(join(site, 'gatepost.yaml'), text);
  put(join(site, 'demo-sheet.yaml'), DEMO_SHEET);
  put(join(site, 'tables', 'staff.csv'), 'plate,from,to\n粤A12345,2026-01-01,2099-12-31\n');
  put(join(site, 'credentials', 'mallcoo'), `${TOKEN}\n`, 0o600);
  put(join(site, 'tunnel.env'), 'FAR_HOST=203.0.113.7\nFAR_USER=gatepost\n');
  put(join(site, 'tunnel', 'id_ed25519'), 'a private key\n', 0o600);
  await writeFolder(data, day().records);
  return { dir, config: join(site, 'gatepost.yaml'), data, file: join(dir, 'backup.tar.gz') };
}

/** Runs `gatepost backup …` in a process of its own: it gives way to all others for good. */
export function backup(...args: readonly string[]): Pick<Ran, 'code' | 'out' | 'err'> {
  const done = spawnSync(process.execPath, [BIN, 'backup', ...args], {
    encoding: 'latin1',
    env: { ...process.env, GATEPOST_LANGUAGE: 'en' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: done.status ?? -1, out: done.stdout, err: done.stderr };
}

export function restore(...args: readonly string[]): Promise<Ran> {
  return ran(restoreCommand, args);
}
