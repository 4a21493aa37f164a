/**
 * The archive's files, all in one folder: `P001.2026-11-19.000012.visits.jsonl` and `.traffic.jsonl` of each batch, and
 * `.visits.idx` beside the first. The day is for people: batches are known by their park and number.
 */
import type { ParkId } from '../../core/ids.ts';
import { formatLocal, type Instant, zoneOf } from '../../core/time.ts';

export const KINDS = ['visits.jsonl', 'visits.idx', 'traffic.jsonl'] as const;
export type Kind = (typeof KINDS)[number];

export interface FileName {
  readonly park: ParkId;
  readonly day: string;
  readonly batch: number;
  readonly kind: Kind;
}

const NAME = /^(.+)\.(\d{4}-\d\d-\d\d)\.(\d{6,})\.(visits\.jsonl|visits\.idx|traffic\.jsonl)$/;
const UTC = zoneOf('UTC');

export function nameOf({ park, day, batch, kind }: FileName): string {
  return `${park}.${day}.${String(batch).padStart(6, '0')}.${kind}`;
}

/** What a name says, or null when it is none of the archive's. */
export function readName(name: string): FileName | null {
  const [, park, day, batch, kind] = NAME.exec(name) ?? [];
  if (park === undefined || day === undefined) return null;
  const known = KINDS.find((one) => one === kind);
  return known === undefined ? null : { park: park as ParkId, day, batch: Number(batch), kind: known };
}

/** The day in the name of a batch: that of its bound in UTC, so that it is the same whenever the batch is written. */
export function dayOf(closedBefore: Instant): string {
  return formatLocal((closedBefore - 1) as Instant, UTC).slice(0, 10);
}
