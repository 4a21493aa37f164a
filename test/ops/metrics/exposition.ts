/** A strict reader of Prometheus' text format 0.0.4, for tests: what it does not understand is an error. */
import assert from 'node:assert/strict';

export interface Exposition {
  /** By name. */
  readonly families: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
  /** By name and labels, as they stand in the text. */
  readonly series: ReadonlyMap<string, number>;
}

const HELP = /^# HELP ([a-z_][a-z0-9_]*) (\S.*)$/;
const TYPE = /^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)$/;
const LABEL = '[a-z_]+="(?:[^"\\\\]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^([a-z_][a-z0-9_]*)((?:\\{${LABEL}(?:,${LABEL})*\\})?) (\\S+)$`);

/** Reads a page. @throws AssertionError for a line out of order, a series told twice, a number that is none. */
export function readExposition(text: string): Exposition {
  const families = new Map<string, { type: string; help: string }>();
  const series = new Map<string, number>();
  let help: readonly [string, string] | null = null;
  let name = '';
  assert.ok(text.endsWith('\n'), 'the last line ends');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, sentence] = HELP.exec(line) ?? [];
    const [, typed, type] = TYPE.exec(line) ?? [];
    const [, sampled, labels, value] = SAMPLE.exec(line) ?? [];
    if (helped !== undefined && sentence !== undefined) {
      help = [helped, sentence];
    } else if (typed !== undefined && type !== undefined) {
      assert.equal(help?.[0], typed, 'each type follows its help');
      assert.ok(!families.has(typed), `${typed} comes twice`);
      families.set(typed, { type, help: help[1] });
      name = typed;
    } else {
      assert.ok(sampled !== undefined && value !== undefined, `not a line of the format: ${line}`);
      const of = families.get(name)?.type === 'histogram' ? sampled.replace(/_(bucket|sum|count)$/, '') : sampled;
      assert.equal(of, name, 'samples follow their type');
      assert.ok(!series.has(sampled + labels), `${sampled}${labels} comes twice`);
      assert.match(value, /^[+-]?(\d+(\.\d+)?(e[+-]?\d+)?|Inf)$/, line);
      series.set(sampled + labels, Number(value.replace('Inf', 'Infinity')));
    }
  }
  return { families, series };
}

/** What moved between two scrapes: the counters, and the counts of the histograms, by how much. */
export function moved(before: Exposition, after: Exposition): Readonly<Record<string, number>> {
  const counts = [...after.series].filter(([key]) => /^[a-z_]+_(total|count)(\{|$)/.test(key));
  const steps = counts.map(([key, value]) => [key, value - (before.series.get(key) ?? 0)] as const);
  return Object.fromEntries(steps.filter(([, by]) => by !== 0));
}
