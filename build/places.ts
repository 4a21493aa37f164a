/** Where things stand in the checkout, and what the files of a build are called. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

export const ARCHES = ['x64', 'arm64'] as const;
export type Arch = (typeof ARCHES)[number];

export const binaryName = (arch: Arch): string => `gatepost-linux-${arch}`;
export const SBOM_NAME = 'gatepost.cdx.json';
export { LICENCES_FILE } from '../src/cli/packed.ts';
export const CHECKSUMS_NAME = 'SHA256SUMS';

/** A mistake of the person who builds, or of the machine: its message says what to do. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The `package.json` of a folder. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

export interface Locked {
  readonly version: string;
  /** `sha512-…` in Base64, of the package as the registry gives it. */
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** What package-lock.json says of each folder under `node_modules`. */
export function lockFile(): Readonly<Record<string, Locked>> {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  return lock.packages;
}
