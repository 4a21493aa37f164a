/** Tells the core whether payments can reach the gate, and goes on telling until it is written down. */
import { type Gateway, GatewayFull, GatewayStopped } from './ports.ts';

export interface LineTeller {
  /** The line is up, or down, from now on. */
  tell(up: boolean): void;
  /** Tells no more. */
  stop(): void;
}

export interface LineParts {
  readonly gateway: Pick<Gateway, 'submit'>;
  /** Calls `again` after so many ms; returns what takes that back. */
  readonly later: (again: () => void, ms: number) => () => void;
}

/** The disk may have room again after so long, in ms. */
const AGAIN_MS = 1_000;

/** The newest tidings count: what was not written of older ones is forgotten, also when that is known only later. */
export function lineTeller({ gateway, later }: LineParts): LineTeller {
  let cancel = (): void => undefined;
  let newest = true;
  let stopped = false;

  function send(): void {
    cancel();
    if (stopped) return;
    gateway.submit({ type: 'line', up: newest }).catch((error: unknown) => {
      if (error instanceof GatewayStopped) return;
      if (!(error instanceof GatewayFull)) throw error;
      cancel();
      if (!stopped) cancel = later(send, AGAIN_MS);
    });
  }

  return {
    tell(up) {
      newest = up;
      send();
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
