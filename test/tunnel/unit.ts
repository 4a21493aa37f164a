/** What systemd makes of a unit file, as far as the tunnel's units need it: the command line, and how it is started again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SYSTEMD = join(import.meta.dirname, '..', '..', 'systemd');

export interface Unit {
  /** Every value of a setting, in order: `Service.Environment`. */
  values(name: string): readonly string[];
  value(name: string): string;
}

export function readUnit(name: string): Unit {
  const text = readFileSync(join(SYSTEMD, name), 'utf8').replaceAll(/\\\n\s*/g, ' ');
  const found: (readonly [string, string])[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const head = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (head !== undefined) section = head;
    else if (key !== undefined) found.push([`${section}.${key}`, value]);
  }
  const values = (wanted: string): readonly string[] =>
    found.filter(([key]) => key === wanted).map(([, value]) => value);
  return { values, value: (wanted) => values(wanted).at(-1) ?? '' };
}

/** The lines `NAME=value` of an environment file; lines that begin with # are none. */
export function environmentOf(text: string): Readonly<Record<string, string>> {
  const lines = text.matchAll(/^([A-Z_]+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

/** The command of a service, its variables from the unit's own defaults and the environment file on top of them. */
export function commandOf(unit: Unit, file: Readonly<Record<string, string>>): readonly string[] {
  const defaults = environmentOf(unit.values('Service.Environment').join(' ').replaceAll(' ', '\n'));
  const all: Readonly<Record<string, string>> = { ...defaults, ...file };
  return unit
    .value('Service.ExecStart')
    .split(/\s+/)
    .map((word) =>
      word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
        const value = all[name];
        if (value === undefined) throw new Error(`nothing sets ${name}`);
        return value;
      }),
    );
}
