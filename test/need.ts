import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/**
 * Whether a program that a test needs is on this machine. Without it the test is skipped, loudly; under `CI=true` a
 * skip would hide a hole, so it fails.
 */
export function need(t: TestContext, binary: string): boolean {
  const found = spawnSync('sh', ['-c', `command -v ${binary}`], {
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  if (found.status === 0) return true;
  if (process.env['CI'] === 'true') throw new Error(`${binary} is missing, and under CI nothing may be skipped`);
  t.skip(`SKIPPED: ${binary} is not installed (apt-get install ${binary})`);
  return false;
}
