import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * One full collection. What a start reads is garbage once the state is made, three times the state's size, and V8 keeps
 * its pages for as long as nothing presses: `npm run bench startup` shows a full park with a hundred MB more without it.
 * It takes about 1 ms for each thousand visits, so it is for the start alone.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
