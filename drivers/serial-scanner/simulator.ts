/** The scanner's own side: what it writes onto the line. */

/** How the scanner ends a code; `none`: with silence. */
export type Suffix = 'cr' | 'lf' | 'crlf' | 'none';

const SUFFIXES: Readonly<Record<Suffix, string>> = { cr: '\r', lf: '\n', crlf: '\r\n', none: '' };

/** A code as the scanner writes it; `aim` is its three-character prefix, `]C1` for Code 128. */
export function scan(code: string, options: { readonly suffix?: Suffix; readonly aim?: string } = {}): Uint8Array {
  return new TextEncoder().encode(`${options.aim ?? ''}${code}${SUFFIXES[options.suffix ?? 'crlf']}`);
}

/** A Newland scanner's answer to an accepted command (`SCNTRG1`: begin to scan). */
export function accepted(command = 'SCNTRG1'): Uint8Array {
  return new TextEncoder().encode(`\u0002\u00010000#${command}\u0006;\u0003`);
}
