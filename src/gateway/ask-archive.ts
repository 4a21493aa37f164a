/** Payments meet the archive here: `decide` cannot wait, so what it needs to know comes with the command. */
import type { VisitId } from '../core/ids.ts';
import type { ArchiveAnswer, Command, PayCommand, Reply } from '../core/park/commands.ts';
import { orderOf, visitOf } from '../core/park/state.ts';
import type { Archive, Gateway } from './ports.ts';

/**
 * The gateway for those who bring payments. An order that the state does not know is looked up in the archive before it
 * is submitted: for a new order that is a filter in memory. Where the archive has grown meanwhile the core says so, and
 * it is asked again.
 */
export function askingArchive(gateway: Gateway, archive: Archive): Gateway {
  async function pay(command: PayCommand): Promise<Reply> {
    for (;;) {
      const archived = await answer(gateway, archive, command);
      const reply = await gateway.submit(archived === null ? command : { ...command, archived });
      if (reply.type !== 'askArchive') return reply;
    }
  }
  return {
    state: () => gateway.state(),
    submit: (command: Command) => (command.type === 'pay' ? pay(command) : gateway.submit(command)),
  };
}

/**
 * What the archive knows of a payment; null where it need not be asked.
 * @throws when the order is in the archive and cannot be read: it may have been booked, so it cannot be booked now.
 */
async function answer(gateway: Gateway, archive: Archive, { park, notice }: PayCommand): Promise<ArchiveAnswer | null> {
  const state = gateway.state().parks.get(park);
  if (!state || state.archivedThrough === 0) return null;
  const through = state.archivedThrough;
  const { orderNo } = notice;
  const known = orderOf(state, orderNo);
  if (known?.visit != null) return null;
  const order = known ?? (await archive.order(park, orderNo));
  const feeId = notice.feeId as VisitId | null;
  const here = feeId === null || visitOf(state, feeId) !== undefined;
  // A visit that cannot be read is one that nobody knows: its money is kept for a person to reconcile.
  const visit = here ? null : await archive.visit(park, feeId).catch(() => null);
  return { through, order, visit };
}
