/** MQTT topic filters (MQTT 3.1.1, 4.7): `+` is one level, a last `#` is any number of them, the parent included. */

const WILDCARDS = new Set(['+', '#']);

/** Wildcards in the first place do not reach topics that begin with `$` (4.7.2). */
function hidden(filterLevel = '', level = ''): boolean {
  return WILDCARDS.has(filterLevel) && level.startsWith('$');
}

/** Whether a message on `topic` reaches a subscription to `filter`. */
export function matches(filter: string, topic: string): boolean {
  return covers(filter, topic);
}

/**
 * Whether every topic that reaches `inner` also reaches `outer`. A topic is the filter that only itself reaches.
 * Errs on the side of no: `+/#` does cover `#`, and is said not to.
 */
export function covers(outer: string, inner: string): boolean {
  const wide = outer.split('/');
  const narrow = inner.split('/');
  if (hidden(wide[0], narrow[0])) return false;
  for (const [depth, level] of wide.entries()) {
    if (level === '#') return true;
    const other = narrow[depth];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return wide.length === narrow.length;
}

/** Whether one of the filters covers `inner` by itself. */
export function coveredByAny(filters: readonly string[], inner: string): boolean {
  return filters.some((filter) => covers(filter, inner));
}
