/**
 * Reading the configuration again while the gate runs: what can change without a restart takes over between two batches of
 * the loop; a file with a mistake changes nothing.
 */
import { type ConfigError, formatErrors, lineOf } from './config/errors.ts';
import type { Config, Loaded } from './config/load.ts';
import { reloading } from './config/reloadable.ts';
import { buildWorld, succeedingWorld } from './config/world.ts';
import type { Sentence } from './core/errors.ts';
import type { World } from './core/park/model.ts';
import type { Instant } from './core/time.ts';
import type { Faults } from './gateway/ports.ts';
import type { Logger } from './ops/log.ts';
import type { Reloaded } from './ops/reload.ts';

/** What is in force now: asked for at each use, never kept. */
export interface Current {
  config(): Config;
  world(): World;
  /** Puts another configuration in force, from a moment on. */
  succeed(config: Config, at: Instant): void;
}

export function currentOf(start: Config): Current {
  let config = start;
  let world = buildWorld(start);
  return {
    config: () => config,
    world: () => world,
    succeed(next, at) {
      world = succeedingWorld(world, next, at);
      config = next;
    },
  };
}

/** The configuration file as it is now. `text` of a failure: why not even its mistakes can be told. */
export type Reread = Loaded | { readonly ok: false; readonly text: Sentence };

/** Where a configuration came from, and what is told of reading it again. */
export interface ReloadSource {
  readonly file: string;
  /** Reads it again. Never rejects. */
  read(): Promise<Reread>;
  /** Told when a reload begins and when the gate is as it will be, for whoever supervises the process. */
  readonly onPhase?: (phase: 'reloading' | 'ready') => void;
}

export interface ReloadParts {
  readonly source: ReloadSource;
  readonly current: Current;
  /** The moment from which other prices hold: never before what has been decided. */
  readonly moment: () => Instant;
  /** Called when something has changed. */
  readonly onChange: () => void;
  readonly faults: Faults;
  readonly log: Logger;
}

/** Reloads when it is called; a call that comes while one is under way reads the file once more after it. Never rejects. */
export function reloader(parts: ReloadParts): () => Promise<Reloaded> {
  let running: Promise<Reloaded> | null = null;
  let next: Promise<Reloaded> | null = null;
  function start(): Promise<Reloaded> {
    running = reload(parts).finally(() => {
      running = null;
    });
    return running;
  }
  return () => {
    if (running === null) return start();
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  };
}

async function reload(parts: ReloadParts): Promise<Reloaded> {
  const { source, log, faults } = parts;
  source.onPhase?.('reloading');
  log.info({ zh: '重新读取配置', en: 'reloading' }, { file: source.file });
  const found = await source.read();
  const done = found.ok ? takeOver(parts, found.config) : refuse(parts, found);
  if (done.ok) faults.clear('RELOAD_REFUSED', source.file);
  source.onPhase?.('ready');
  return done;
}

function takeOver({ current, moment, onChange, log }: ReloadParts, fresh: Config): Reloaded {
  const { config, changes, restart } = reloading(current.config(), fresh);
  current.succeed(config, moment());
  onChange();
  const say = (message: Sentence, level: 'info' | 'warn' = 'info'): void => log.line({ level, message });
  for (const warning of config.warnings) say(lineOf(warning), 'warn');
  for (const change of changes) say({ zh: `重新加载：${change.zh}`, en: `reloaded: ${change.en}` });
  if (changes.length === 0) say({ zh: '重新加载：没有变化', en: 'reloaded: nothing changed' });
  for (const path of restart)
    say({ zh: `${path} 已改，需重启网关才能生效`, en: `${path} has changed: it needs a restart` }, 'warn');
  return { ok: true, changes, restart };
}

function refuse({ source, faults, log }: ReloadParts, found: Extract<Reread, { readonly ok: false }>): Reloaded {
  const mistakes = 'errors' in found ? linesOf(found.errors) : [found.text];
  for (const message of mistakes) log.line({ level: 'error', code: 'RELOAD_REFUSED', message });
  faults.raise('RELOAD_REFUSED', source.file, mistakes.at(-1));
  return { ok: false, mistakes };
}

/** A line for each mistake, and one that counts them. */
function linesOf(errors: readonly ConfigError[]): readonly Sentence[] {
  const en = formatErrors(errors, 'en').split('\n');
  return formatErrors(errors, 'zh')
    .split('\n')
    .map((zh, index) => ({ zh, en: en[index] ?? '' }));
}
