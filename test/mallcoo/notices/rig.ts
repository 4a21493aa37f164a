/**
 * The real core, loop and senders in simulated time, and a receiver that is there, away or odd as a test says. A life ends
 * as a process does that is killed: nothing it waits for ever comes.
 */

import type { DeviceId, LaneId, NoticeId, ParkId, VisitId } from '../../../src/core/ids.ts';
import type { Command, Reply } from '../../../src/core/park/commands.ts';
import type { JournalRecord } from '../../../src/core/park/events.ts';
import { evolve } from '../../../src/core/park/evolve.ts';
import type { Credential, Reading, World } from '../../../src/core/park/model.ts';
import type { Notice } from '../../../src/core/park/notice.ts';
import { emptyState, type State } from '../../../src/core/park/state.ts';
import { after, DAY, HOUR, type Instant, SECOND } from '../../../src/core/time.ts';
import { startGateway } from '../../../src/gateway/gateway.ts';
import type { Faults, Journal, LogFields } from '../../../src/gateway/ports.ts';
import { type Notices, startNotices } from '../../../src/mallcoo/notices/notices.ts';
import type { NoticeRequest, PostOutcome } from '../../../src/mallcoo/notices/post.ts';
import type { Machine, NoticeReports } from '../../../src/mallcoo/notices/pump.ts';
import { ENTRY_FIELDS, type NoticeSettings } from '../../../src/mallcoo/notices/settings.ts';
import { createReceiver, NOTICE_PATH, type Receiver } from '../../../src/mallcoo-client/receiver.ts';
import { inEnglish } from '../../chinese.ts';
import { P001, park, plate, TEN, ZONE } from '../../core/park/scene.ts';
import { type Agenda, agenda } from '../../sim/agenda.ts';

export const P002 = 'P002' as ParkId;
export const KEYS = { appId: 'APP1', publicKey: 'PUB123', privateKey: '0123456789abcdef' };

export function settings(over: Partial<NoticeSettings> = {}): NoticeSettings {
  const { park: of = P001 } = over;
  return {
    ...KEYS,
    park: of,
    zone: ZONE,
    parkCode: of,
    language: 'en',
    entry: { url: `https://mallcoo.example${NOTICE_PATH}`, fields: ENTRY_FIELDS },
    exit: null,
    plateEncoding: 'raw',
    unplated: '无牌车',
    timeoutMs: 10 * SECOND,
    perSecond: 5,
    giveUpMs: 7 * DAY,
    ...over,
  };
}

/** `lost`: acted on, and no answer. `down`: nothing arrives. Or the answer that is given, nothing acted on. */
export type Treatment =
  | 'ok'
  | 'lost'
  | 'down'
  | { readonly status?: number; readonly text?: string; readonly retryAfter?: string };

export const code = (number: number, message = ''): Treatment => ({
  text: JSON.stringify({ Code: number, Message: message }),
});

export interface Call {
  /** Simulated ms since the rig began. */
  readonly at: number;
  readonly url: string;
  readonly headers: NoticeRequest['headers'];
  readonly fields: Readonly<Record<string, string>>;
}

/** Where the journal is kept from one life to the next. */
export interface Backend {
  open(): Promise<{ readonly working: State; readonly committed: State; readonly journal: Journal }>;
}

export function memory(records: JournalRecord[] = []): Backend {
  const folded = (): State => {
    const state = emptyState();
    for (const record of records) evolve(state, record);
    return state;
  };
  return {
    open: async () => ({
      working: folded(),
      committed: folded(),
      journal: { append: async (batch) => void records.push(...batch), room: () => 'free' },
    }),
  };
}

export interface RigOptions {
  readonly backend?: Backend;
  readonly parks?: readonly NoticeSettings[];
  /** What the receiver does with a call. */
  readonly treat?: (call: Call) => Treatment;
  /** From sending to the answer, in ms; 40 by default. */
  readonly latency?: () => number;
  readonly random?: () => number;
  readonly reports?: NoticeReports;
  /** Stands in for the loop's answer: a full disk. Undefined lets the command through. */
  readonly refuse?: (command: Command) => Error | undefined;
}

export interface Rig {
  readonly agenda: Agenda;
  readonly calls: readonly Call[];
  readonly receiver: Receiver;
  readonly records: readonly JournalRecord[];
  /** Raised faults: `CODE subject value`, by `CODE subject`. */
  readonly faults: Map<string, string>;
  readonly lines: readonly (readonly [message: string, fields: LogFields])[];
  /** What the wall clock is off by, in ms. */
  skew: number;
  notices(): Notices;
  /** Begins a life. */
  start(): Promise<void>;
  /** Ends it at once, as a kill does. */
  kill(): void;
  submit(command: Command): Promise<Reply>;
  read(lane: string, credential: Credential, over?: Partial<Reading>, of?: ParkId): Promise<void>;
  /** Lets so many ms pass. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until something holds. @throws Error when it does not within `limit` ms. */
  until(what: string, holds: () => boolean, limit?: number): Promise<void>;
  waiting(of?: ParkId): readonly Notice[];
  dead(of?: ParkId): readonly (readonly [NoticeId, string])[];
}

interface Life {
  alive: boolean;
  /** Commands under way: what needs no more than the loop. */
  busy: number;
  readonly state: () => State;
  readonly submit: (command: Command) => Promise<Reply>;
  notices: Notices | null;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function rig(options: RigOptions = {}): Rig {
  const { parks = [settings()], treat = () => 'ok', latency = () => 40, random = Math.random } = options;
  const time = agenda();
  const records: JournalRecord[] = [];
  const calls: Call[] = [];
  const lines: (readonly [string, LogFields])[] = [];
  const faults = new Map<string, string>();
  const board: Faults = {
    raise: (name, subject, value = '') => faults.set(`${name} ${subject}`, inEnglish(value)),
    clear: (name, subject) => faults.delete(`${name} ${subject}`),
  };
  const codes = parks.map(({ parkCode }) => parkCode);
  const receiver = createReceiver({ ...KEYS, parkCodes: codes, maxSkewMs: 5_000, plateEncoding: 'raw', remember: 1e6 });
  const backend = options.backend ?? memory();
  const world: World = {
    parks: new Map(
      parks.map(({ park: id, exit }) => [id, park({ id, notices: { entry: true, exit: exit !== null } })] as const),
    ),
  };
  const trueNow = (): Instant => after(TEN, time.now());
  const clock = { now: (): Instant => after(trueNow(), self.skew) };
  let life: Life | null = null;
  let visits = 0;

  function receive(request: NoticeRequest, call: Call): PostOutcome {
    const treatment = treat(call);
    const answered = { type: 'answered', status: 200, retryAfter: null, date: null } as const;
    if (treatment === 'down') return { type: 'lost', reason: 'nothing listens there (connection refused)' };
    if (typeof treatment === 'object') return { ...answered, text: '', ...treatment };
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { pathname: path } = new URL(request.url);
    const taken = receiver.receive({ method: 'POST', path, headers, body: Buffer.from(request.body) }, clock.now());
    if (treatment === 'lost') return { type: 'lost', reason: 'the connection was cut before an answer came' };
    return { ...answered, text: JSON.stringify(taken) };
  }

  /** The machine of one life: once that is over, nothing comes of anything. */
  function machineOf(mine: Life): Machine {
    const born = time.now();
    return {
      random,
      monotonic: () => time.now() - born,
      wait: (ms, cut) =>
        new Promise((resolve) => {
          const end = (): void => {
            if (mine.alive) resolve();
          };
          if (cut.aborted) end();
          cut.addEventListener('abort', end, { once: true });
          time.later(ms, end);
        }),
      post(request, abort) {
        if (!mine.alive) return never();
        const call = { at: time.now(), url: request.url, headers: request.headers, fields: JSON.parse(request.body) };
        calls.push(call);
        return new Promise((resolve) => {
          const end = (outcome: PostOutcome): void => {
            if (mine.alive) resolve(outcome);
          };
          abort.addEventListener('abort', () => end({ type: 'lost', reason: 'aborted' }), { once: true });
          const ms = latency();
          time.later(ms / 2, () => {
            const outcome = receive(request, call);
            time.later(ms / 2, () => end(outcome));
          });
        });
      },
    };
  }

  async function start(): Promise<void> {
    const { working, committed, journal } = await backend.open();
    const loop = startGateway({
      world: () => world,
      working,
      committed,
      journal,
      clock,
      faults: board,
      inboxLimit: 10_000,
      batchLimit: 100,
      onCommit({ record }) {
        records.push(record);
        if (mine.alive) mine.notices?.committed(record);
      },
      onEffect: () => undefined,
      onFatal: (error) => {
        throw error;
      },
    });
    const mine: Life = {
      alive: true,
      busy: 0,
      notices: null,
      state: loop.state,
      async submit(command) {
        if (!mine.alive) return never();
        const refused = options.refuse?.(command);
        if (refused) throw refused;
        mine.busy += 1;
        try {
          const reply = await loop.submit(command);
          return mine.alive ? reply : await never<Reply>();
        } finally {
          mine.busy -= 1;
        }
      },
    };
    life = mine;
    mine.notices = startNotices({
      parks,
      gateway: mine,
      clock,
      faults: board,
      log: {
        notice: (name, fields) => lines.push([name, fields]),
        info: (message, fields = {}) => lines.push([inEnglish(message), fields]),
      },
      machine: machineOf(mine),
      ...(options.reports ? { reports: options.reports } : {}),
    });
  }

  /** Lets everything happen that needs no time. */
  async function settle(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (life?.alive && life.busy > 0);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async function until(what: string, holds: () => boolean, limit = 30 * DAY): Promise<void> {
    const end = time.now() + limit;
    await settle();
    while (!holds()) {
      if (time.now() > end || !time.step()) throw new Error(`it never came to this: ${what}`);
      await settle();
    }
  }

  const alive = (): Life => {
    if (!life?.alive) throw new Error('nothing is running');
    return life;
  };
  const outbox = (of: ParkId) => alive().state().parks.get(of)?.outbox;
  const self: Rig = {
    agenda: time,
    calls,
    receiver,
    records,
    faults,
    lines,
    skew: 0,
    notices() {
      const { notices } = alive();
      if (!notices) throw new Error('it is starting');
      return notices;
    },
    start,
    kill() {
      if (life) life.alive = false;
    },
    submit: (command) => alive().submit(command),
    async read(lane, credential, over = {}, of = P001) {
      visits += 1;
      const reading = {
        device: 'cam' as DeviceId,
        credential,
        colour: 'unknown',
        confidence: null,
        identity: null,
      } as const;
      await alive().submit({
        type: 'reading',
        park: of,
        lane: lane as LaneId,
        reading: { ...reading, ...over },
        history: null,
        freshVisit: `V${visits}` as VisitId,
      });
    },
    async pass(ms) {
      let over = false;
      time.later(ms, () => {
        over = true;
      });
      await until('the time', () => over, ms + HOUR);
    },
    until,
    waiting: (of = P001) => [...(outbox(of)?.waiting.values() ?? [])],
    dead: (of = P001) =>
      [...(outbox(of)?.dead.values() ?? [])].map(({ notice, code: why }) => [notice.id, why] as const),
  };
  return self;
}

/** How often each notice was confirmed in the journal. */
export function confirmations(records: readonly JournalRecord[]): ReadonlyMap<NoticeId, number> {
  const counts = new Map<NoticeId, number>();
  for (const event of records.flatMap(({ events }) => events)) {
    if (event.type === 'noticeDone' && event.outcome === 'confirmed') {
      counts.set(event.noticeId, (counts.get(event.noticeId) ?? 0) + 1);
    }
  }
  return counts;
}

/** A sender that runs, in simulated time. */
export async function started(options: RigOptions = {}): Promise<Rig> {
  const r = rig(options);
  await r.start();
  return r;
}

export const car = (number: number) => plate(`粤A${String(10_000 + number)}`);
/** The visits that were told, in order, repeats included. */
export const told = (r: Rig): readonly string[] => r.calls.map(({ fields }) => fields['TradeID'] ?? '');
export const messages = (r: Rig): readonly string[] => r.lines.map(([message]) => message);

/** So many cars enter. */
export async function cars(r: Rig, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) await r.read('in-1', car(number));
}

/** Until nothing waits any more. */
export const quiet = (r: Rig): Promise<void> => r.until('nothing waits', () => r.waiting().length === 0);
