/** What the checks look at: a configuration, the gate that runs it (or does not), and the machine. */
import type { Driver } from '../../drivers/contract.ts';
import type { Config } from '../config/load.ts';
import type { Sentence } from '../core/errors.ts';
import type { ProbeTarget } from '../mallcoo/reach/call.ts';
import { type Finding, none } from './finding.ts';
import type { Processes } from './processes.ts';
import type { User } from './users.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The running gate, as its local listener tells. */
export type Gate =
  | {
      readonly running: true;
      readonly health: Fields;
      /** When each device was heard last, in ms since 1970; a device that was never heard is missing. */
      readonly heard: ReadonlyMap<string, number>;
    }
  /** `why` is null when simply nothing listens there. */
  | { readonly running: false; readonly why: Sentence | null };

export interface Ran {
  /** Null when it was ended for its deadline. */
  readonly code: number | null;
  readonly out: string;
}

/** What only a real machine has, so that a test can have another. */
export interface Machine {
  /** The user that the doctor runs as. */
  readonly uid: number;
  /** Whether systemd is at work here. */
  readonly systemd: boolean;
  /** Runs a program with a deadline. @returns null when there is no such program. Never rejects. */
  run(program: string, args: readonly string[]): Promise<Ran | null>;
  /** Ms since 1970. */
  now(): number;
  /** The addresses of the machine in its networks, loopback among them. */
  addresses(): readonly string[];
  /** Who has which files and sockets open, looked up once. */
  processes(): Promise<Processes>;
}

export interface Site {
  /** The configuration file. */
  readonly file: string;
  /** Null when it cannot be used. */
  readonly config: Config | null;
  /** Why it cannot be used, mistake by mistake. */
  readonly mistakes: readonly Sentence[];
  /** The files that were read along with it: sheets, passes, secrets. */
  readonly parts: readonly string[];
  readonly drivers: Readonly<Record<string, Driver>>;
  /** The gate's own public address, if one is configured. */
  readonly target: ProbeTarget | null;
  readonly gate: Gate;
  /** The gate's process, when it runs and can be seen. */
  readonly gatePid: number | null;
  /** Whom the gate runs as, or would. */
  readonly user: User;
  /** Where the service keeps the records of runs that ended badly. */
  readonly failures: string;
  readonly machine: Machine;
  readonly fsyncSeconds: number;
}

/** A name of a check, for `--only`. */
export const CHECK_NAMES = [
  'program',
  'configuration',
  'service',
  'data',
  'fsync',
  'log',
  'clock',
  'serial',
  'mqtt',
  'devices',
  'ports',
  'internet',
  'tunnel',
  'notices',
  'auth',
  'calendars',
  'faults',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** Looks at one thing. What it cannot see is a finding, too. */
export type Check = (site: Site) => Promise<readonly Finding[]>;

/** A check that cannot say anything without a configuration. */
export function configured(check: (site: Site, config: Config) => Promise<readonly Finding[]>): Check {
  return async (site) => {
    if (site.config) return check(site, site.config);
    return [none({ zh: '需要可用的配置', en: 'needs a configuration that can be used' })];
  };
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
