/**
 * What of a configuration can change while the gate runs: the prices and the passes. Of a file that was read anew it takes those, says in
 * words what they change, and names every other difference, which only a restart brings into force.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Sentence } from '../core/errors.ts';
import { NO_PASSES, passesDiff } from '../core/park/pass.ts';
import { pathText } from './errors.ts';
import type { Config } from './load.ts';
import type { Pricing } from './pricing.ts';

type ParkSettings = Config['parks'][number];

export interface Reloading {
  /** The running configuration with what could be taken over. */
  readonly config: Config;
  /** What is in force now and was not before; empty when nothing is. */
  readonly changes: readonly Sentence[];
  /** Settings that differ and are as they were: `parks[0].lanes[0].dedupeSeconds`. Never their values. */
  readonly restart: readonly string[];
}

/** Compares what runs with a file that was read without a mistake. */
export function reloading(running: Config, fresh: Config): Reloading {
  const changes: Sentence[] = [];
  const pricing = new Map(running.pricing);
  const passes = new Map(running.passes);
  const parks = running.parks.map((park) => {
    const next = fresh.parks.find(({ id }) => id === park.id);
    const [old, now] = [running.pricing.get(park.id), fresh.pricing.get(park.id)];
    // Sheets are compiled for a zone: in another one they wait for the restart with it.
    if (!next || !old || !now || next.zone !== park.zone) return park;
    const told = [...sheetChanges(park, old, now), ...classChanges(park, next)];
    if (told.length > 0) pricing.set(park.id, now);
    changes.push(...told, ...passChanges(park, running.passes.get(park.id), fresh.passes.get(park.id)));
    const held = fresh.passes.get(park.id);
    if (held) passes.set(park.id, held);
    else passes.delete(park.id);
    const { passes: _, ...kept } = park;
    return {
      ...kept,
      ...(next.passes === undefined ? {} : { passes: next.passes }),
      tariff: next.tariff,
      classes: next.classes,
    };
  });
  return {
    config: { ...running, parks, pricing, passes, warnings: fresh.warnings },
    changes,
    restart: differences(fixed(running), fixed(fresh), []),
  };
}

/** What is in force from the start on. */
function fixed({ pricing: _, passes: __, warnings: ___, parks, ...rest }: Config): unknown {
  return { ...rest, parks: parks.map(({ tariff: _tariff, classes: _classes, passes: _passes, ...park }) => park) };
}

/** A sheet's versions by name; the same meaning under the same names is the same, however the file is written. */
function sheetChanges({ id }: ParkSettings, old: Pricing, now: Pricing): readonly Sentence[] {
  const found: Sentence[] = [];
  if (!isDeepStrictEqual(old.versions, now.versions)) {
    const [before, after] = [namesOf(old), namesOf(now)];
    const same = before === after;
    found.push(
      same
        ? {
            zh: `停车场 ${id}：价格已改，但版本号仍是 ${before}；请给新价格一个新版本号，以便区分收费`,
            en: `park ${id}: other prices under the same version ${before}; give them one of their own, so that charges can be told apart`,
          }
        : { zh: `停车场 ${id}：价格表 ${before} → ${after}`, en: `park ${id}: price sheet ${before} → ${after}` },
    );
  }
  if (!isDeepStrictEqual(old.calendar, now.calendar))
    found.push({ zh: `停车场 ${id}：节假日日历已更新`, en: `park ${id}: the calendar of public holidays has changed` });
  return found;
}

function namesOf({ versions }: Pricing): string {
  return versions.map(({ sheet }) => `${sheet.name} ${sheet.version}`).join(', ');
}

function classChanges({ id, classes: old }: ParkSettings, { classes: now }: ParkSettings): readonly Sentence[] {
  if (isDeepStrictEqual(old, now)) return [];
  const text = (classes: ParkSettings['classes']): string =>
    Object.entries(classes)
      .map(([colour, name]) => `${colour}: ${name}`)
      .join(', ') || '-';
  return [
    {
      zh: `停车场 ${id}：车型 ${text(old)} → ${text(now)}`,
      en: `park ${id}: classes ${text(old)} → ${text(now)}`,
    },
  ];
}

/** How many vehicles have come, gone, or have other days, each with the first few plates. */
function passChanges({ id }: ParkSettings, old = NO_PASSES, now = NO_PASSES): readonly Sentence[] {
  const { added, removed, changed } = passesDiff(old, now);
  if (added.count + removed.count + changed.count === 0) return [];
  const counted = (zh: string, en: string, { count, plates }: typeof added): readonly Sentence[] => {
    if (count === 0) return [];
    const names = `${plates.join(', ')}${count > plates.length ? ', …' : ''}`;
    return [{ zh: `${zh} ${count}（${names}）`, en: `${count} ${en} (${names})` }];
  };
  const parts = [
    ...counted('新增', 'added', added),
    ...counted('删除', 'removed', removed),
    ...counted('变更', 'changed', changed),
  ];
  return [
    {
      zh: `停车场 ${id}：月卡/白名单 ${parts.map(({ zh }) => zh).join('，')}`,
      en: `park ${id}: passes ${parts.map(({ en }) => en).join(', ')}`,
    },
  ];
}

/** The paths below which two settings differ. What is on one side only is named as a whole. */
function differences(old: unknown, now: unknown, path: readonly (string | number)[]): readonly string[] {
  if (isDeepStrictEqual(old, now)) return [];
  if (Array.isArray(old) && Array.isArray(now)) {
    const length = Math.max(old.length, now.length);
    return Array.from({ length }, (_, index) => differences(old[index], now[index], [...path, index])).flat();
  }
  if (!isGroup(old) || !isGroup(now) || isAddress(old)) return [pathText(path)];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  // A login stands in the file as two settings of the group that it belongs to.
  return keys.flatMap((key) => differences(old[key], now[key], key === 'login' ? path : [...path, key]));
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `listen: 127.0.0.1:8080` is one setting. */
function isAddress(value: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(value).sort().join() === 'host,port';
}
