/**
 * Deciding which part of the way to Mallcoo is broken: no internet, a dead tunnel, Mallcoo not there, Mallcoo refusing.
 * Pure: what was found out comes in, what is to be found out next goes out. See docs/decisions/tunnel-probe.md.
 */
import { assertNever, type Said } from '../../core/errors.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import type { ProbeFailure } from './verdict.ts';

/** What a notice met: nobody that answers, or a Mallcoo that answers and does not take it. */
export type Trouble = 'unreachable' | 'refusing';

export interface ReachSettings {
  /** Whether there is a public address to probe. Without one the tunnel is taken to be up. */
  readonly probing: boolean;
  /** From one good probe to the next, in ms. */
  readonly probeMs: number;
  /** Whether there are reference points to look for the internet at. Without any its absence is never claimed. */
  readonly checking: boolean;
  /** How long the tunnel has to be down before its restart is asked for, in ms; null: never. */
  readonly restartMs: number | null;
}

export type ReachInput =
  /** Time has passed. Whatever is due is asked for at the next tick: give one a second. */
  | { readonly type: 'tick' }
  /** The probe that was asked for has ended; null for a good one. */
  | { readonly type: 'probed'; readonly failure: ProbeFailure | null }
  /** The look at the reference points that was asked for has ended. */
  | { readonly type: 'checked'; readonly reached: boolean }
  /** Mallcoo has taken a notice. */
  | { readonly type: 'delivered' }
  /** Mallcoo has not taken a notice. */
  | { readonly type: 'failed'; readonly trouble: Trouble; readonly why: Said };

export type ReachOut =
  /** Make one probe; answer with `probed`. There is one at a time. */
  | { readonly type: 'probe' }
  /** Look at the reference points; answer with `checked`. There is one at a time. */
  | { readonly type: 'check' }
  /** Have the tunnel restarted. */
  | { readonly type: 'restart' }
  /** Payments can, or cannot, reach the gate: told once it is known, and then on each change. */
  | { readonly type: 'line'; readonly up: boolean }
  /** The internet is back: who waits before the next attempt need not wait any longer. */
  | { readonly type: 'back' };

/** Which faults are raised: `internet` never with `tunnel` or `unreachable`, and `unreachable` never with `refusing`. */
export interface Raised {
  readonly internet: boolean;
  readonly tunnel: boolean;
  readonly unreachable: boolean;
  readonly refusing: boolean;
}

/** One of the two things that are asked for from time to time. Moments are ms of a clock that never goes back. */
interface Asking {
  readonly underWay: boolean;
  readonly askedAt: number;
  /** Null: not before something calls for it. */
  readonly dueAt: number | null;
}

export interface ReachState {
  readonly probe: Asking;
  /** Probes that have failed since the last good one, 2 at most: more change nothing. */
  readonly failures: number;
  /** Of the last failed probe; null when the last one was good. */
  readonly failure: ProbeFailure | null;
  /** The probe under way was begun without the internet: that it fails says nothing of the tunnel. */
  readonly blind: boolean;
  readonly check: Asking;
  /** What the last look found; null when there was none since something showed that the internet is there. */
  readonly reached: boolean | null;
  readonly mallcoo: { readonly trouble: Trouble; readonly why: Said } | null;
  /** What has to be known before a fault is raised: it might be the consequence of another. */
  readonly awaited: { readonly probe: boolean; readonly check: boolean };
  readonly raised: Raised;
  /** When the tunnel's restart is asked for next, and how long after that again. */
  readonly restart: { readonly dueAt: number; readonly pauseMs: number } | null;
  readonly line: 'unknown' | 'up' | 'down';
}

/** From a failure to the next probe or look, in ms, so that the end of an outage is seen soon. */
export const RETRY_MS = 5 * SECOND;
/** A single probe may get lost. */
const FAILURES_TO_RAISE = 2;
/** The longest pause between two restarts of a tunnel that stays down: it doubles up to here. */
const MAX_RESTART_PAUSE_MS = 30 * MINUTE;

/** Nothing is known yet; the first probe is due. @param now ms of a clock that never goes back. */
export function startOfReach({ probing }: ReachSettings, now: number): ReachState {
  const asking = { underWay: false, askedAt: now - RETRY_MS };
  return {
    probe: { ...asking, dueAt: probing ? now : null },
    failures: 0,
    failure: null,
    blind: false,
    check: { ...asking, dueAt: null },
    reached: null,
    mallcoo: null,
    awaited: { probe: false, check: false },
    raised: { internet: false, tunnel: false, unreachable: false, refusing: false },
    restart: null,
    line: 'unknown',
  };
}

export interface ReachStep {
  readonly state: ReachState;
  readonly out: readonly ReachOut[];
}

/** Takes one input. @param now ms of a clock that never goes back. */
export function stepReach(settings: ReachSettings, before: ReachState, input: ReachInput, now: number): ReachStep {
  const out: ReachOut[] = [];
  let state = learn(settings, before, input, now);
  state = { ...state, raised: raisedOf(settings, state) };
  if (before.raised.internet && !state.raised.internet) {
    state = afresh(state, now);
    out.push({ type: 'back' });
  }
  if (state.raised.internet && state.check.dueAt === null && !state.check.underWay) {
    state = { ...state, check: sooner(state.check, now) };
  }
  const line = lineOf(settings, state, input);
  if (line !== state.line && line !== 'unknown') out.push({ type: 'line', up: line === 'up' });
  state = { ...state, line, restart: restartOf(settings, state, now) };
  if (state.restart && now >= state.restart.dueAt && state.failure?.restartable === true) {
    out.push({ type: 'restart' });
    const { pauseMs } = state.restart;
    const restart = { dueAt: now + pauseMs, pauseMs: Math.min(2 * pauseMs, MAX_RESTART_PAUSE_MS) };
    state = { ...state, restart };
  }
  if (isDue(state.probe, now)) {
    out.push({ type: 'probe' });
    state = { ...state, probe: { underWay: true, askedAt: now, dueAt: null } };
  }
  if (isDue(state.check, now)) {
    out.push({ type: 'check' });
    state = { ...state, check: { underWay: true, askedAt: now, dueAt: null } };
  }
  return { state, out };
}

function isDue({ underWay, dueAt }: Asking, now: number): boolean {
  return !underWay && dueAt !== null && now >= dueAt;
}

/** Due at that moment or before it, but never so soon that a flood of failures becomes a flood of questions. */
function sooner(asking: Asking, at: number): Asking {
  const earliest = Math.max(at, asking.askedAt + RETRY_MS);
  return asking.underWay ? asking : { ...asking, dueAt: Math.min(asking.dueAt ?? earliest, earliest) };
}

function learn(settings: ReachSettings, state: ReachState, input: ReachInput, now: number): ReachState {
  switch (input.type) {
    case 'tick':
      return state;
    case 'probed':
      return probed(settings, state, input.failure, now);
    case 'checked': {
      const check = { ...state.check, underWay: false };
      return { ...state, check, reached: input.reached, awaited: { ...state.awaited, check: false } };
    }
    case 'delivered':
      return { ...state, mallcoo: null, reached: null };
    case 'failed': {
      const mallcoo = { trouble: input.trouble, why: input.why };
      // Whoever refuses has been reached.
      if (input.trouble === 'refusing') return { ...state, mallcoo, reached: null };
      return unreachable(settings, { ...state, mallcoo }, state.mallcoo?.trouble !== 'unreachable', now);
    }
    default:
      return assertNever(input);
  }
}

function probed(settings: ReachSettings, state: ReachState, failure: ProbeFailure | null, now: number): ReachState {
  if (failure !== null && state.blind) {
    return { ...state, blind: false, probe: { ...state.probe, underWay: false, dueAt: now } };
  }
  const awaited = { ...state.awaited, probe: false };
  if (failure === null) {
    const probe = { ...state.probe, underWay: false, dueAt: now + settings.probeMs };
    return { ...state, probe, failures: 0, failure, blind: false, reached: null, awaited };
  }
  const pauseMs = failure.patient ? settings.probeMs : Math.min(RETRY_MS, settings.probeMs);
  return {
    ...state,
    probe: { ...state.probe, underWay: false, dueAt: now + pauseMs },
    failures: Math.min(state.failures + 1, FAILURES_TO_RAISE),
    failure,
    ...doubted(settings, state, awaited, !state.raised.tunnel, now),
  };
}

/** Nobody answered a notice. @param first whether this is news, and has to be looked into before it is told. */
function unreachable(settings: ReachSettings, state: ReachState, first: boolean, now: number): ReachState {
  // A probe that was good a while ago does not show that the internet is there now.
  const ask = settings.probing && first && state.failures === 0;
  const awaited = { ...state.awaited, probe: state.awaited.probe || ask };
  const probe = ask ? sooner(state.probe, now) : state.probe;
  return { ...state, probe, ...doubted(settings, state, awaited, first, now) };
}

/** Whether the internet is there has to be looked at. @param wait whether nothing may be raised before it is known. */
function doubted(
  { checking }: ReachSettings,
  state: ReachState,
  awaited: ReachState['awaited'],
  wait: boolean,
  now: number,
): Pick<ReachState, 'check' | 'awaited'> {
  const { check, reached } = state;
  if (!checking) return { check, awaited };
  const known = reached !== null && !check.underWay && now - check.askedAt < RETRY_MS;
  return { check: sooner(check, now), awaited: { ...awaited, check: awaited.check || (wait && !known) } };
}

/**
 * The faults, by what is known. The absence of the internet explains the others, so they are not raised beside it; and
 * a probe that comes back through a public address shows that it is there, whatever a firewall does to reference points.
 */
function raisedOf({ probing }: ReachSettings, state: ReachState): Raised {
  const { failures, reached, mallcoo, awaited, raised } = state;
  const mayRaise = !awaited.probe && !awaited.check;
  const isUnreachable = mallcoo?.trouble === 'unreachable';
  const isCutOff = reached === false && (probing ? failures > 0 : isUnreachable);
  const internet = isCutOff && (raised.internet || mayRaise);
  return {
    internet,
    tunnel: !internet && failures >= FAILURES_TO_RAISE && (raised.tunnel || mayRaise),
    unreachable: !internet && isUnreachable && (raised.unreachable || mayRaise),
    refusing: mallcoo?.trouble === 'refusing',
  };
}

/** The internet is back: what failed without it has to fail once more before it counts. */
function afresh(state: ReachState, now: number): ReachState {
  return {
    ...state,
    failures: Math.min(state.failures, FAILURES_TO_RAISE - 1),
    blind: state.probe.underWay,
    mallcoo: state.mallcoo?.trouble === 'unreachable' ? null : state.mallcoo,
    raised: { ...state.raised, tunnel: false, unreachable: false },
    probe: state.failures === 0 ? state.probe : sooner({ ...state.probe, askedAt: now - RETRY_MS }, now),
  };
}

function lineOf({ probing }: ReachSettings, { raised, line }: ReachState, input: ReachInput): ReachState['line'] {
  if (raised.internet || raised.tunnel) return 'down';
  if (!probing) return 'up';
  return input.type === 'probed' && input.failure === null ? 'up' : line;
}

function restartOf({ restartMs }: ReachSettings, { raised, restart }: ReachState, now: number): ReachState['restart'] {
  if (restartMs === null || !raised.tunnel) return null;
  return restart ?? { dueAt: now + restartMs, pauseMs: 2 * restartMs };
}
