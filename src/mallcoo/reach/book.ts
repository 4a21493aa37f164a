/** The probes that are on their way: how this process knows its own calls when they come in through the tunnel. */

/** The field of GetTraffic that a probe adds; whoever is not the gate overlooks it, as it does every unknown field. */
export const PROBE_FIELD = 'gatepostProbe';

export interface Ticket {
  /** What the call carries. */
  readonly nonce: string;
  /** The `resMsg` that this process, and no other, answers with. */
  readonly reply: string;
  /** Whether the call has arrived. */
  arrived(): boolean;
  close(): void;
}

export interface ProbeBook {
  open(): Ticket;
  /** The reply to a call that carries this value; undefined for every call that is no probe under way. */
  arrive(nonce: unknown): string | undefined;
}

/** @param random an unguessable text, a new one each time. */
export function createProbeBook(random: () => string): ProbeBook {
  const open = new Map<unknown, { readonly reply: string; arrived: boolean }>();
  return {
    open() {
      const nonce = random();
      const page = { reply: random(), arrived: false };
      open.set(nonce, page);
      return { nonce, reply: page.reply, arrived: () => page.arrived, close: () => void open.delete(nonce) };
    },
    arrive(nonce) {
      const page = open.get(nonce);
      if (page) page.arrived = true;
      return page?.reply;
    },
  };
}
