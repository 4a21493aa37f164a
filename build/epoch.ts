/** The time that made files bear, so that building again later gives the same bytes. */
import { spawnSync } from 'node:child_process';
import { BuildError, ROOT } from './places.ts';

/** 2026-11-01: for sources that came without their history. */
const FIXED = 1_793_491_200;

/** Seconds: `SOURCE_DATE_EPOCH`, or the time of the last commit, or one that never changes. @throws BuildError */
export function sourceDateEpoch(env: Readonly<Record<string, string | undefined>>): number {
  const given = env['SOURCE_DATE_EPOCH'];
  if (given !== undefined && given !== '') {
    if (/^\d{1,11}$/.test(given)) return Number(given);
    throw new BuildError(`SOURCE_DATE_EPOCH is "${given}"; it must be whole seconds since 1970`);
  }
  const git = spawnSync('git', ['-C', ROOT, 'log', '-1', '--format=%ct'], { encoding: 'utf8' });
  return git.status === 0 && /^\d+\n$/.test(git.stdout) ? Number(git.stdout) : FIXED;
}
