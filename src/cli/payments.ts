/** `gatepost payments`: what Mallcoo said was paid, what was credited, and what somebody must look at, day by day. */
import { formatLocal, parseLocal, type Zone, zoneOf } from '../core/time.ts';
import type { DayBy } from '../reports/payment-line.ts';
import { StoreError } from '../store/files.ts';
import { namedSource } from './journal-source.ts';
import { loadFile } from './load.ts';
import { readLanguage, readZone } from './options.ts';
import { type Format, OUTPUTS } from './payments-output.ts';
import { type Books, type Days, report } from './payments-report.ts';
import { readArgs, type Terminal, UsageError } from './terminal.ts';

const HELP = `usage: gatepost payments WHERE --day 2026-11-22 [--to DAY] [options]

Every payment notice of a day (or of the days up to --to): what it said, what was credited, what somebody must look at, and
where it stands in the journal; then the sums; then the vehicles that were let go uncollected, why, and what came for them
since, and how the fees of the day's departures add up. A notice that Mallcoo sends again and again is one notice.
WHERE is a configuration file (.yaml) or a data folder. It only reads, takes no lock, and may be used while the gate runs.

  --by arrival|pay-time   what decides the day: when the notice arrived (default), or when the driver paid
  --park P                only this park
  --flagged               only the notices that somebody must look at; the sums stay those of all
  --uncollected           only the vehicles that were let go, and the departures' sums
  --csv                   for Excel; the sums go to the terminal:  gatepost payments … --csv > payments.csv
  --json                  JSON lines, amounts in 分
  --phones                phone numbers whole; otherwise 138****1234
  --zone ZONE             of the days and times: default each park's own, or Asia/Shanghai
  --language L            en or zh; default that of the system

Days whose journal is gone come from the archive: without what was not booked, and without phone numbers.
Exit code 0: complete; 1: not, or it could not be read, and what is missing is told; 2: called wrongly.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  day: { type: 'string' },
  to: { type: 'string' },
  by: { type: 'string', default: 'arrival' },
  park: { type: 'string' },
  flagged: { type: 'boolean', default: false },
  uncollected: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  phones: { type: 'boolean', default: false },
  zone: { type: 'string' },
  language: { type: 'string' },
} as const;

/**
 * Runs `gatepost payments …`.
 * @returns 0 complete; 1 something is missing or could not be read.
 * @throws UsageError when it was called wrongly.
 */
export async function paymentsCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const days = daysOf(values.day, values.to);
  const by = byOf(values.by);
  const language = readLanguage(values.language ?? terminal.language);
  if (values.csv && values.json) throw new UsageError('--csv or --json, not both');
  const format: Format = values.csv ? 'csv' : values.json ? 'json' : 'text';
  const zone = values.zone === undefined ? null : readZone(values.zone, null);
  try {
    const books = await booksOf(positionals, zone, terminal);
    if (!books) return 1;
    const { park = null, flagged, uncollected, phones } = values;
    const asked = days.first === days.last ? days.first : `${days.first} – ${days.last}`;
    const output = OUTPUTS[format]({
      language,
      phones,
      uncollected,
      days: park === null ? asked : `${asked}, ${park}`,
      by,
    });
    return await report(books, { days, by, park, flagged, uncollected, output }, terminal);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    terminal.err(`gatepost payments: ${error.message}\n`);
    return 1;
  }
}

const UTC = zoneOf('UTC');

function daysOf(day: string | undefined, to: string | undefined): Days {
  if (day === undefined) throw new UsageError('--day is missing; write --day 2026-11-22');
  const first = readDay('--day', day);
  const last = to === undefined ? first : readDay('--to', to);
  if (last < first) throw new UsageError(`--to ${last} is before --day ${first}`);
  return { first, last };
}

function readDay(option: string, text: string): string {
  const at = parseLocal(`${text.trim()} 00:00`, UTC);
  if (at === undefined) throw new UsageError(`${option} "${text}" is no day; write it like 2026-11-22`);
  return formatLocal(at, UTC).slice(0, 10);
}

function byOf(text: string): DayBy {
  if (text === 'arrival' || text === 'pay-time') return text;
  throw new UsageError(`--by "${text}" is not known; write arrival or pay-time`);
}

async function booksOf(positionals: readonly string[], zone: Zone | null, terminal: Terminal): Promise<Books | null> {
  const [name = ''] = positionals;
  const config = /\.ya?ml$/i.test(name) ? await loadFile(name, terminal) : null;
  if (config === undefined) return null;
  const named = await namedSource(config ? [config.data, ...positionals.slice(1)] : positionals, terminal);
  if (!named) return null;
  const zones = new Map<string, Zone>(config?.parks.map((park) => [park.id, zone ?? zoneOf(park.zone)]));
  return { source: named.source, zones, zone: readZone(undefined, zone ?? zones.values().next().value ?? null) };
}
