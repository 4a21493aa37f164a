/** What the doctor's tests share: a site written to a folder, and a machine of which parts can be exchanged. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVERS } from '../../drivers/registry.ts';
import { type Config, loadConfig } from '../../src/config/load.ts';
import type { Language } from '../../src/core/errors.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { realMachine } from '../../src/doctor/machine.ts';
import type { Gate, Machine, Site } from '../../src/doctor/site.ts';
import { ownUser, type User } from '../../src/doctor/users.ts';
import { reachSettings } from '../../src/wiring.ts';

export const NOBODY: User = { name: 'nobody', uid: 65_534, groups: [65_534] };
export const STOPPED: Gate = { running: false, why: null };

export interface Wanted {
  /** Lines of the configuration, in place of the usual ones of the same key. */
  readonly lines?: Readonly<Record<string, string>>;
  /** `parks[0].mallcoo`. */
  readonly mallcoo?: string;
  readonly devices?: string;
  readonly gate?: Gate;
  readonly gatePid?: number;
  readonly user?: User;
  readonly machine?: Partial<Machine>;
}

/** A site in a folder, with a camera unless it has other devices. */
export function siteIn(dir: string, wanted: Wanted = {}): Site {
  const { lines = {}, mallcoo = '{ auth: { type: none } }', gate = STOPPED, gatePid = null, user = ownUser() } = wanted;
  const devices = wanted.devices ?? '[{ id: cam-in, driver: vzenith-mqtt, options: { sn: a-1 } }]';
  const readers = [...devices.matchAll(/id: ([\w-]+)/g)].map(([, id]) => id);
  const all = {
    data: join(dir, 'data'),
    mqtt: '{ listen: "127.0.0.1:0", anonymous: true }',
    mallcoo: '{ listen: "127.0.0.1:0" }',
    local: '{ listen: "127.0.0.1:0" }',
    internet: '{ check: [] }',
    tariffs: '{ standard: sheet.yaml }',
    ...lines,
    parks: `[{ id: P001, name: Test, tariff: standard, mallcoo: ${mallcoo}, lanes: [{ id: in-1, direction: in, readers: [${readers.join(', ')}] }] }]`,
    devices,
  };
  const file = join(dir, 'gatepost.yaml');
  const sheet = join(dir, 'sheet.yaml');
  if (!existsSync(sheet)) writeFileSync(sheet, 'name: T\nversion: "1"\nprice: 5 per hour\n');
  writeFileSync(
    file,
    Object.entries(all)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  );
  const parts: string[] = [];
  const config = load(file, parts);
  return {
    file,
    config,
    mistakes: [],
    parts,
    drivers: DRIVERS,
    target: reachSettings(config).target,
    gate,
    gatePid,
    user,
    failures: join(dir, 'failures'),
    machine: { ...realMachine(process.env), ...wanted.machine },
    fsyncSeconds: 0.1,
  };
}

function load(file: string, parts: string[]): Config {
  const loaded = loadConfig(readFileSync(file, 'utf8'), {
    file,
    env: {},
    drivers: DRIVERS,
    readFile(path) {
      parts.push(path);
      return readFileSync(path, 'utf8');
    },
    readBytes: (path) => readFileSync(path),
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

/** A running gate that tells this of itself. */
export function gateTelling(
  health: Readonly<Record<string, unknown>>,
  heard: readonly (readonly [string, number])[] = [],
): Gate {
  return { running: true, health: { status: 'ok', faults: [], ...health }, heard: new Map(heard) };
}

/** `fine: what`, and behind an arrow what is to be done. Both languages are looked at. */
export function told(findings: readonly Finding[], language: Language = 'en'): readonly string[] {
  for (const { mark, what, advice } of findings) {
    assert.ok(what.zh !== '' && what.en !== '', JSON.stringify(what));
    assert.equal(advice !== null, mark === 'look' || mark === 'wrong', `${mark} ${what.en}`);
  }
  return findings.map(
    ({ mark, what, advice }) => `${mark}: ${what[language]}${advice ? ` → ${advice[language]}` : ''}`,
  );
}

/** A folder in front of the PATH with programs that print what they are given to print. @returns the machine's part. */
export function programs(dir: string, scripts: Readonly<Record<string, string>>): Pick<Machine, 'run' | 'systemd'> {
  const folder = join(dir, 'bin');
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const { run } = realMachine({ ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` });
  return { run, systemd: true };
}
