/**
 * The way between the gate and Mallcoo as it really is: the internet, the tunnel, the receiver and its clock. It keeps
 * when each was last broken, against which the gate's faults are held.
 */
import { assertNever } from '../../src/core/errors.ts';
import type { Agenda } from './agenda.ts';
import type { ReceiverFault, TunnelFault, WayTrouble } from './plan-way.ts';

/** What explains a fault of the way. */
export type Cause = 'internet' | 'tunnel' | 'unreachable' | 'refusing';

export interface Way {
  begin(trouble: WayTrouble): void;
  end(trouble: WayTrouble): void;
  internet(): boolean;
  tunnel(): TunnelFault | null;
  receiver(): ReceiverFault | null;
  /** What Mallcoo's clock is off by, in ms. */
  theirClock(): number;
  /** What the gate's clock is ahead by, in ms; negative while it is behind. */
  gateClock(): number;
  setGateClock(ms: number): void;
  /** What becomes of a call of Mallcoo's. */
  carry(): 'through' | 'requestLost' | 'answerLost';
  /** Whether a time stamp of the gate's clock is refused. */
  refusesClock(): boolean;
  active(cause: Cause): boolean;
  /** For how long a cause has been over, in ms; 0 while it lasts, Infinity if it never was. */
  overFor(cause: Cause): number;
  /** When the internet went the last time. */
  internetWent(): number;
  /** For how long nothing on the way has changed, in ms. */
  stableFor(): number;
  /** Called after each change. */
  onChange(then: () => void): void;
}

/** How far a time stamp and Mallcoo's clock may lie apart, in ms. */
export const MAX_SKEW_MS = 120_000;

const CAUSES: readonly Cause[] = ['internet', 'tunnel', 'unreachable', 'refusing'];

export function createWay({ now }: Pick<Agenda, 'now'>): Way {
  const troubles = new Set<WayTrouble>();
  const listeners: (() => void)[] = [];
  const lastBad = new Map<Cause, number>();
  let gateClock = 0;
  let changedAt = 0;
  let went = Number.NEGATIVE_INFINITY;

  const newest = <K extends WayTrouble['kind']>(kind: K): Extract<WayTrouble, { kind: K }> | undefined =>
    [...troubles].findLast((one): one is Extract<WayTrouble, { kind: K }> => one.kind === kind);

  function change(make: () => void): void {
    for (const cause of CAUSES) if (self.active(cause)) lastBad.set(cause, now());
    const there = self.internet();
    make();
    if (there && !self.internet()) went = now();
    changedAt = now();
    for (const listener of listeners) listener();
  }

  const self: Way = {
    begin: (trouble) => change(() => troubles.add(trouble)),
    end: (trouble) => change(() => troubles.delete(trouble)),
    internet: () => newest('internet') === undefined,
    tunnel: () => newest('tunnel')?.how ?? null,
    receiver: () => newest('receiver')?.how ?? null,
    theirClock: () => newest('theirClock')?.by ?? 0,
    gateClock: () => gateClock,
    setGateClock: (ms) =>
      change(() => {
        gateClock = ms;
      }),
    carry() {
      if (!self.internet()) return 'requestLost';
      const tunnel = self.tunnel();
      if (tunnel === null) return 'through';
      return tunnel === 'half' ? 'answerLost' : 'requestLost';
    },
    refusesClock: () => Math.abs(gateClock - self.theirClock()) > MAX_SKEW_MS,
    active(cause) {
      const how = self.receiver();
      switch (cause) {
        case 'internet':
          return !self.internet();
        case 'tunnel':
          return self.tunnel() !== null;
        case 'unreachable':
          return how === 'away' || how === 'busy' || how === 'mute' || how === 'slow';
        case 'refusing':
          return how === 'odd' || how === 'portal' || self.refusesClock();
        default:
          return assertNever(cause);
      }
    },
    overFor(cause) {
      if (self.active(cause)) return 0;
      return now() - (lastBad.get(cause) ?? Number.NEGATIVE_INFINITY);
    },
    internetWent: () => went,
    stableFor: () => now() - changedAt,
    onChange: (then) => void listeners.push(then),
  };
  return self;
}
