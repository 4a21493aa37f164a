/**
 * One run of a plan: the true time, the disk and the process that comes and goes on it, the troubles. After each
 * happening everything that it led to comes to rest before the next.
 */
import { createHash } from 'node:crypto';
import type { LineRule, World } from '../../src/core/park/model.ts';
import { compilePasses, type PassRow } from '../../src/core/park/pass.ts';
import { normalisePlate } from '../../src/core/plate.ts';
import { after, DAY, dayNumber, HOUR, type Instant, MINUTE, SECOND, toCivil } from '../../src/core/time.ts';
import { lane, park, ZONE } from '../core/park/scene.ts';
import { tariffOf } from '../core/tariff/sheets.ts';
import { agenda as newAgenda } from './agenda.ts';
import { createAuditor } from './auditor.ts';
import { simDisk } from './disk.ts';
import { createDrivers } from './drivers.ts';
import { visitIds } from './gate.ts';
import type { Gate } from './gate-port.ts';
import { createLanes } from './lanes.ts';
import { createMallcoo } from './mallcoo.ts';
import { createMoneyBooks } from './money-books.ts';
import { createNoticeBooks } from './notice-books.ts';
import { createPassBooks } from './pass-books.ts';
import { ENTRIES, EXITS, type Plan, type PlannedPass } from './plan.ts';
import { isOfWay } from './plan-way.ts';
import type { Plant } from './plant-names.ts';
import { plantInWorld } from './plants.ts';
import { createPower, type Power } from './power.ts';
import { createMallcooReceiver } from './receiver.ts';
import { nothingYet, type Site, START, type Stats } from './site.ts';
import { beginTrouble, beginWayTrouble, type Troubled } from './troubles.ts';
import { createWay } from './way.ts';
import { createWayRules } from './way-rules.ts';

export interface Violation {
  readonly rule: string;
  readonly text: string;
  /** The true time, in ms since the run began. */
  readonly at: number;
}

export interface Outcome {
  readonly violation: Violation | null;
  /** Of every record, every answer and every order to a barrier. */
  readonly hash: string;
  readonly stats: Stats;
}

export interface RunOptions {
  readonly plant?: Plant;
  readonly trace?: (at: number, line: string) => void;
}

/** After the last happening, in ms: longer than anything on the way goes unseen. */
const LAST_LOOK = 20 * MINUTE;
/** Turns of the event loop after which something that should have come to rest never will. */
const MAX_TURNS = 20_000;
/** Turns in which everything that does not wait for the slow disk has been done. */
const SLOW_TURNS = 30;

/** Runs a plan to its end, or to the first broken rule. The same plan gives the same outcome. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<Outcome> {
  const world = build(plan, options);
  const { agenda, power, site } = world;
  const going = async (): Promise<void> => {
    while (world.violation() === null && agenda.step()) await settle(world);
  };
  power.start();
  await settle(world);
  schedule(world);
  await going();
  // Everything is over: what is left of the troubles must not show.
  for (const [index, entry] of ENTRIES.entries()) world.drivers.probe(entry, EXITS[index] ?? EXITS[0]);
  await settle(world);
  await going();
  world.mallcoo.remind();
  await settle(world);
  await going();
  // The watch has looked, and the sender tried for the last time.
  agenda.later(LAST_LOOK, () => undefined);
  await going();
  // The gate looks every hour; the world is not told hours more for it.
  power.retain();
  await settle(world);
  await going();
  if (world.violation() === null) inspect(world);
  // The last snapshot is written as it stops; only then must a fault of snapshots have ended.
  power.restart(MINUTE, (gate) => noFaultLeft(site, gate));
  await settle(world);
  await going();
  if (world.violation() === null) inspect(world);
  power.end();
  site.witness(site.auditor.digest());
  return {
    violation: world.violation(),
    hash: world.hash(),
    stats: {
      ...site.stats,
      records: site.auditor.lastRecord(),
      payments: site.auditor.orders.size,
      letOut: site.money.totals().letOut,
    },
  };
}

interface Running extends Troubled {
  readonly site: Site;
  readonly drivers: ReturnType<typeof createDrivers>;
  readonly mallcoo: ReturnType<typeof createMallcoo>;
  violation(): Violation | null;
  hash(): string;
}

function build(plan: Plan, { plant, trace }: RunOptions): Running {
  const agenda = newAgenda();
  const digest = createHash('sha256');
  let violation: Violation | null = null;
  let troubles = 0;
  let healthySince = 0;
  const fail = (rule: string, text: string): void => {
    violation ??= { rule, text, at: agenda.now() };
  };
  const stats = nothingYet();
  const way = createWay(agenda);
  const notices = createNoticeBooks({ fail, trueNow: agenda.now, plan: plan.way, zone: ZONE });
  const money = createMoneyBooks({
    fail,
    rules: plan.way.whenLineDown,
    lateNoticeMs: park().lateNoticeMs,
    grace: plan.grace,
  });
  const auditor = createAuditor(fail, agenda.now, [notices, money, createPassBooks(fail, plan.passes)]);
  const disk = simDisk(plant === 'lyingDisk');
  const site: Site = {
    plan,
    agenda,
    clock: { now: () => (START + agenda.now() + way.gateClock()) as Instant },
    auditor,
    notices,
    money,
    way,
    fail,
    trace: trace ? (line) => trace(agenda.now(), line) : () => undefined,
    witness: (line) => void digest.update(`${agenda.now()} ${line}\n`),
    stats,
    gate: () => power.gate(),
    healthyFor: () =>
      troubles > 0 || power.gate() === null ? 0 : agenda.now() - Math.max(healthySince, power.upSince()),
  };
  const newVisitId = visitIds(plan.seed);
  const lanes = createLanes(site, newVisitId);
  const mallcoo = createMallcoo(site);
  const receiver = createMallcooReceiver(site, notices);
  const wayRules = createWayRules(site);
  way.onChange(wayRules.changed);
  const power: Power = createPower({
    site,
    receiver,
    wayRules,
    world: plantInWorld(plant ?? null, worldOf(plan)),
    lanes,
    disk,
    plant: plant ?? null,
    mallcoo,
  });
  return {
    site,
    agenda,
    power,
    disk,
    lanes,
    mallcoo,
    drivers: createDrivers(site, lanes, mallcoo),
    setClock: way.setGateClock,
    trouble(by) {
      troubles += by;
      healthySince = agenda.now();
    },
    violation: () => violation,
    hash: () => digest.copy().digest('hex').slice(0, 16),
  };
}

function worldOf({ sheet, capDeduction, way, passes }: Plan): World {
  const { entries, exits, whenLineDown } = way;
  const ruleOf = (id: string): LineRule => whenLineDown[id] ?? { type: 'hold' };
  const lanes = [
    ...ENTRIES.map((id) => lane(id, 'in')),
    ...EXITS.map((id) => lane(id, 'out', { whenLineDown: ruleOf(id) })),
  ];
  const only = park({
    tariff: tariffOf(sheet),
    capDeduction,
    passes: compilePasses(passes.map(rowOf), ZONE).passes,
    notices: { entry: entries, exit: exits },
    lanes: new Map(lanes.map((one) => [one.id, one])),
  });
  return { parks: new Map([[only.id, only]]) };
}

function rowOf({ plate, from, until }: PlannedPass): PassRow {
  const { year, month, day } = toCivil(START, ZONE);
  const first = dayNumber(year, month, day);
  const counted = (nth: number | null): number | null => (nth === null ? null : first + nth);
  return { plate: normalisePlate(plate) ?? nobody(plate), kind: 'monthly', from: counted(from), until: counted(until) };
}

function nobody(plate: string): never {
  throw new RangeError(`not a plate: ${plate}`);
}

function schedule(running: Running): void {
  const { agenda, site, drivers, mallcoo, power } = running;
  for (const happening of site.plan.happenings) {
    agenda.later(happening.at, () => {
      if (happening.kind === 'trip') drivers.go(happening);
      else if (isOfWay(happening)) beginWayTrouble(running, site, happening);
      else beginTrouble(running, site, happening);
    });
  }
  for (let day = 1; day <= site.plan.days + 1; day += 1) {
    const end = after(START, day * DAY);
    agenda.later(day * DAY, () => {
      mallcoo.askTraffic(after(end, -DAY), end);
      inspect(running);
    });
    agenda.later(day * DAY + 3 * HOUR, () => power.retain());
  }
}

/** Waits until nothing goes on any more that needs no more time. */
async function settle({ power, disk, site, violation }: Running): Promise<void> {
  for (let turn = 0; violation() === null; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!power.busy()) return;
    if (disk.slow() && turn >= SLOW_TURNS) return;
    if (turn >= MAX_TURNS) site.fail('everything comes to rest', 'the gate is busy for ever');
  }
}

/** Faults of which a person must know, and which no later event ends. */
const STANDING = new Set(['PAYMENT_CONFLICT', 'PAYMENT_UNMATCHED']);
/** The longest from a cut's moment to the step of the disk that it waits for. */
const CUT_WITHIN = 10 * MINUTE;
/** Nothing here damages what was synced. */
const DAMAGE = new Set(['RECORD_BAD', 'SNAPSHOT_BAD', 'JOURNAL_SHORT', 'ARCHIVE_BAD']);

function inspect({ site, disk, power }: Running): void {
  const gate = site.gate();
  if (!gate) return;
  const damage = gate.faults.raised().find(({ code }) => DAMAGE.has(code) && !isExcused(site, code));
  if (damage) site.fail('nothing is damaged', `${damage.code} ${damage.subject}: ${damage.text.en}`);
  if (!disk.slow() && !power.busy()) site.auditor.idle(gate.working(), gate.gateway.state());
}

function isExcused(site: Site, code: string): boolean {
  return code === 'RECORD_BAD' && cutWhileFull(site.plan);
}

/** A torn tail that could not be kept aside for want of room stays in the journal, and later starts take it for damage. */
function cutWhileFull({ happenings }: Plan): boolean {
  const cuts = happenings.filter((one) => one.kind === 'power' || one.kind === 'kill');
  const full = happenings.filter((one) => one.kind === 'diskFull');
  return full.some(({ at, lasts }) => cuts.some((cut) => cut.at < at + lasts && cut.at + cut.lasts + CUT_WITHIN > at));
}

function noFaultLeft(site: Site, gate: Gate): void {
  const dead = site.notices.dead().length;
  const standing = (code: string): boolean =>
    STANDING.has(code) || isExcused(site, code) || (code === 'NOTICE_DEAD' && dead > 0);
  const fault = gate.faults.raised().find(({ code }) => !standing(code));
  const told = gate.faults.raised().some(({ code }) => code === 'NOTICE_DEAD');
  if (dead > 0 && !told) site.fail('a fault is raised for its cause', `${dead} dead letters, and no NOTICE_DEAD`);
  if (site.notices.waitingSince() !== null) site.fail('every entry is told', 'at the end a notice still waits');
  if (fault) site.fail('a fault ends with its cause', `${fault.code} ${fault.subject}: ${fault.text.en}`);
}

/** For a person: `2d 03:04:05.678`. */
export function clockText(ms: number): string {
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const rest = ms % DAY;
  const parts = [Math.floor(rest / HOUR), Math.floor(rest / MINUTE) % 60, Math.floor(rest / SECOND) % 60].map((part) =>
    pad(part),
  );
  return `${Math.floor(ms / DAY)}d ${parts.join(':')}.${pad(ms % SECOND, 3)}`;
}
