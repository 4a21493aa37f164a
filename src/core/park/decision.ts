import type { Reply } from './commands.ts';
import type { ParkEvent } from './events.ts';

/** Without events nothing is written, and the reply may go out at once. */
export interface Decision {
  readonly events: readonly ParkEvent[];
  readonly reply: Reply;
}

export const NOTHING: Decision = { events: [], reply: { type: 'done' } };
