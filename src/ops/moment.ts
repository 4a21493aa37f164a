/** Moments as the local listener writes them: UTC, `yyyy-MM-ddTHH:mm:ssZ`, since parks may differ in zone. */
import { formatLocal, type Instant, parseLocal, zoneOf } from '../core/time.ts';

const UTC = zoneOf('UTC');

export function utcText(at: Instant): string {
  return `${formatLocal(at, UTC).replace(' ', 'T')}Z`;
}

/** The moment of such a text; undefined when it is none. */
export function fromUtc(text: unknown): Instant | undefined {
  return typeof text === 'string' && text.endsWith('Z') ? parseLocal(text.slice(0, -1), UTC) : undefined;
}
