/** The hand-over to the archive, in two journalled steps: a batch is sealed, and let go of once the archive has it. */
import type { ArchivedCommand, SealCommand } from './commands.ts';
import { type Decision, NOTHING } from './decision.ts';
import { endedBefore, orderIsOld, type ParkState, type State } from './state.ts';

/** Seals the next batch. Nothing is written where nothing is old enough, or while a batch waits for the archive. */
export function decideSeal(state: State, command: SealCommand): Decision {
  const { park: id, closedBefore, passagesBefore } = command;
  const park = state.parks.get(id);
  if (!park || park.sealed !== null || !hasOld(park, command)) return NOTHING;
  const batch = park.archivedThrough + 1;
  return { ...NOTHING, events: [{ type: 'sealed', park: id, batch, closedBefore, passagesBefore }] };
}

/** Lets go of the batch that waits; of any other batch nothing is known here, and nothing is written. */
export function decideArchived(state: State, { park, batch }: ArchivedCommand): Decision {
  if (state.parks.get(park)?.sealed?.batch !== batch) return NOTHING;
  return { ...NOTHING, events: [{ type: 'archived', park, batch }] };
}

function hasOld(park: ParkState, { closedBefore, passagesBefore }: SealCommand): boolean {
  const { closed, ledger, passages } = park;
  return (
    closed.values().some((visit) => endedBefore(visit, closedBefore)) ||
    ledger.values().some((entry) => orderIsOld(park, entry, closedBefore)) ||
    [passages.in, passages.out].some(([first]) => first !== undefined && first < passagesBefore)
  );
}
