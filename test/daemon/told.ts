/** What one gate tells of its faults in four places: the log, `/healthz`, `gatepost status` and the status page. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { Language } from '../../src/core/errors.ts';
import { formatLocal } from '../../src/core/time.ts';
import { fromUtc } from '../../src/ops/moment.ts';
import { ZONE } from '../core/park/scene.ts';
import { gatepost, type Program } from './support.ts';

export interface Fault {
  readonly code: string;
  readonly subject: string;
  readonly text: string;
  readonly since: string;
}

export interface Told {
  readonly status: string;
  readonly faults: readonly Fault[];
  readonly outbox: Readonly<Record<string, { readonly waiting: number }>>;
  readonly notices: Readonly<Record<string, { readonly told: number }>>;
  readonly reach: {
    readonly line: string;
    readonly internet: string;
    readonly lastProbe: { readonly at: string } | null;
  };
}

/** @param language of the texts; that of the log when it is left out. */
export async function healthz(local: string, language?: Language): Promise<Told> {
  const asked = language === undefined ? '' : `?lang=${language}`;
  return (await (await fetch(`${local}/healthz${asked}`)).json()) as Told;
}

export interface Logged {
  readonly code: string;
  readonly subject: string;
  /** As it was when the fault was raised. */
  readonly text: string;
  /** Local time, to the second. */
  readonly at: string;
}

/** The faults that the log has raised and not cleared. */
export function logged(gate: Program): readonly Logged[] {
  const raised = new Map<string, Logged>();
  for (const line of gate.output().split('\n')) {
    const [, at = '', subject = '', text = '', code] =
      /^(\S+ [\d:]+)\.\d+ .* FAULT (\S+): (.*) \[(\w+)\]$/.exec(line) ?? [];
    if (code) raised.set(`${code} ${subject}`, { code, subject, text, at });
    const [, cleared, of] = /CLEARED (\S+) after \d+ s \[(\w+)\]$/.exec(line) ?? [];
    raised.delete(`${of} ${cleared}`);
  }
  return [...raised.values()];
}

/** The codes of all faults that the log ever raised. */
export function everRaised(gate: Program): readonly string[] {
  return [...gate.output().matchAll(/ FAULT .* \[(\w+)\]$/gm)].map(([, code = '']) => code);
}

/** The moment at which a fault was raised, as a person reads it. */
export const since = (fault: Fault): string => formatLocal(fromUtc(fault.since) ?? assert.fail(fault.since), ZONE);

export async function status(t: TestContext, ...args: readonly string[]): Promise<{ code: unknown; output: string }> {
  const program = gatepost(t, ['status', ...args]);
  return { code: await program.exited(), output: program.output() };
}

/** Each fault as the page shows it: its head line without how long it has lasted, and its text. */
export async function shown(page: Page): Promise<readonly (readonly [string, string])[]> {
  const faults = await page.locator('.fault').all();
  return Promise.all(
    faults.map(async (fault) => {
      const [head = '', text = ''] = await fault.locator('p').allTextContents();
      return [head.replace(/ \([^)]*\)$/, ''), text] as const;
    }),
  );
}
