import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * One full collection, of the kind that gives pages back. What a start reads is garbage once the state is made, several
 * times the state's size, and V8 would keep its pages for as long as nothing presses. It stops the world for longer than a
 * loop may pause, so it is for the start alone.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
