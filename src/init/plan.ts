/** From a site to the files of it: paths and texts. Nothing is written here. */
import { basename, isAbsolute, join, relative } from 'node:path';
import type { Language } from '../core/errors.ts';
import { configText } from './config-text.ts';
import { CONFIG_FILE, CREDENTIALS, RULES_DIR, RULES_FILE, SHEET_FILE, STANDARD_DIR, TUNNEL_FILE } from './places.ts';
import { sheetText } from './sheet-text.ts';
import { credentialFile, type Site } from './site.ts';
import { tunnelText } from './tunnel-text.ts';
import { udevText } from './udev-text.ts';

export interface PlannedFile {
  /** A full path. */
  readonly path: string;
  readonly text: string;
  /** `secret`: for root alone. `settings`: for the service too. `rules`: for everybody, as udev's are. */
  readonly kind: 'secret' | 'settings' | 'rules';
}

/** A price sheet that exists, and its text. */
export interface OwnSheet {
  readonly path: string;
  readonly text: string;
}

export interface PlanContext {
  /** The configuration's folder, a full path. */
  readonly dir: string;
  readonly language: Language;
  /** The version that a sheet gets which is written here: `2026-11`. */
  readonly version: string;
  /** The sheet that the answers name, when they name one. */
  readonly sheet: OwnSheet | null;
  /** Whether udev's own folder may be written to. */
  readonly root: boolean;
}

/** The files, the configuration last: while it is not there nothing is. */
export function planOf(site: Site, { dir, language, version, sheet, root }: PlanContext): readonly PlannedFile[] {
  const files: PlannedFile[] = site.credentials.map(({ name, text }) => ({
    path: join(dir, credentialFile(name)),
    text: `${text}\n`,
    kind: 'secret',
  }));
  const rules = udevText(site, language);
  const rulesDir = root && dir === STANDARD_DIR ? RULES_DIR : dir;
  if (rules !== null) files.push({ path: join(rulesDir, RULES_FILE), text: rules, kind: 'rules' });
  const tunnel = tunnelText(site.answers, language);
  if (tunnel !== null) files.push({ path: join(dir, TUNNEL_FILE), text: tunnel, kind: 'settings' });
  let name = SHEET_FILE;
  if (sheet === null) {
    files.push({ path: join(dir, name), text: sheetText(site.answers, version, language), kind: 'settings' });
  } else {
    const below = relative(dir, sheet.path);
    const inside = !below.startsWith('..') && !isAbsolute(below);
    name = inside ? below : basename(sheet.path);
    if (!inside) files.push({ path: join(dir, name), text: sheet.text, kind: 'settings' });
  }
  files.push({ path: join(dir, CONFIG_FILE), text: configText(site, name, language), kind: 'settings' });
  return files;
}

/** The folder that holds a site's secrets. */
export function credentialsDir(dir: string): string {
  return join(dir, CREDENTIALS);
}
