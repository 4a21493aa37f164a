/** What is built is what is tested: the binaries of `dist`, which the step `ship` of `npm test` has made. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Arch, binaryName } from '../../build/places.ts';
import { type Program, program } from '../daemon/support.ts';
import { need } from '../need.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
export const DIST = join(ROOT, 'dist');

/** Libraries of the other architecture, where Debian's cross packages put them. */
const ARM64_ROOT = '/usr/aarch64-linux-gnu';

/** The command that runs a binary on this machine. @throws Error when it was not built. */
export function binary(arch: Arch = 'x64'): readonly string[] {
  const file = join(DIST, binaryName(arch));
  if (!existsSync(file)) throw new Error(`${file} is not there: run "npm run build:all" first`);
  return arch === process.arch ? [file] : ['qemu-aarch64-static', '-L', ARM64_ROOT, file];
}

/** Whether arm64 can be tried here; if not, the test is skipped, loudly. */
export function needArm64(t: TestContext): boolean {
  if (process.arch === 'arm64') return true;
  if (!need(t, 'qemu-aarch64-static')) return false;
  const missing = [join(ARM64_ROOT, 'lib', 'libstdc++.so.6'), join(DIST, binaryName('arm64'))].find(
    (file) => !existsSync(file),
  );
  if (missing === undefined) return true;
  if (process.env['CI'] === 'true') throw new Error(`${missing} is missing, and under CI nothing may be skipped`);
  t.skip(`SKIPPED: ${missing} is missing (apt-get install libstdc++6-arm64-cross; npm run build:all)`);
  return false;
}

/** Runs the binary with arguments. It is ended with the test. */
export function packed(t: TestContext, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return program(t, [...binary(), ...args], env);
}
