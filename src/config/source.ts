import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { NO_SETTING, type Path } from './errors.ts';
import { DEEP, fixOf, yamlSentence } from './yaml-words.ts';

/** What stands at a path of the file. */
export interface Found {
  readonly value: unknown;
  /** A scalar as it was written, before YAML made a number or a truth value of it. */
  readonly text: string | undefined;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mistake in the text itself, with its own place. */
export interface Slip extends Place {
  readonly path: Path;
  readonly message: Sentence;
  readonly fix: Sentence;
}

/** A configuration file, read: plain values, and where each of them stands. */
export interface Source {
  readonly value: unknown;
  /** Slips that leave the tree whole: a key that is written twice. */
  readonly slips: readonly Slip[];
  /** Where the text is no YAML, or none that is used here: what follows the first of these is guesswork. */
  readonly breaks: readonly Slip[];
  /** Undefined when the file has nothing at this path. */
  find(path: Path): Found | undefined;
  /** The place of a path; for what is not in the file, of the nearest key above it. */
  locate(path: Path, at: 'key' | 'value'): Place;
}

interface Spot extends Found {
  readonly key: number;
  readonly start: number;
}

/** Deeper than any sensible file, and far from the end of the stack. */
const DEEPEST = 32;

const ALIAS: Sentence = {
  zh: '"*{name}" 引用文件的另一处，这里不支持',
  en: '"*{name}" refers to another place of the file, which is not possible here',
};
const ALIAS_FIX: Sentence = {
  zh: '请直接写出值；以 * 开头的文本请加引号。',
  en: 'Write the value out, or put a text that begins with * in quotes.',
};
const TWICE: Sentence = { zh: '写了两次', en: 'is written twice' };
const KEEP_ONE: Sentence = { zh: '请保留一个，删去另一个。', en: 'Keep one of the two and remove the other.' };
const OTHER_NAME: Sentence = { zh: '请换一个名称。', en: 'Use another name.' };

/**
 * Reads YAML 1.2 with the core schema, whatever the file's own directive says: `no`, `off`, `12:30` and dates stay
 * texts. Never throws.
 */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const { value, spots, twice, strange } = plain(document);
  // A quote without an end swallows the rest of the text: the last value is where it begins.
  const last = Math.max(0, ...[...spots.values()].map(({ start }) => start));
  const errors = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    offset: code === 'MISSING_CHAR' && message.endsWith('quote') ? last : pos[0],
    path: [],
    // What the parser quotes may be a secret, and its own exhaustion is nothing that a person wrote.
    message: yamlSentence(code, message.replace(/(: "|;).*$/s, '')),
    fix: fixOf(code),
  }));
  const placed = ({ offset, ...mark }: Mark): Slip => ({ ...place(offset), ...mark });
  return {
    value,
    slips: twice.map(placed),
    breaks: [...errors, ...strange].map(placed),
    find: (path) => spots.get(pathKey(path)),
    locate(path, at) {
      const spot = spots.get(pathKey(path));
      if (spot) return place(at === 'key' ? spot.key : spot.start);
      for (let length = path.length - 1; length > 0; length -= 1) {
        const above = spots.get(pathKey(path.slice(0, length)));
        if (above) return place(above.key);
      }
      return { line: 1, column: 1 };
    },
  };
}

/** Unlike its readable form, no two paths share it. */
function pathKey(path: Path): string {
  return JSON.stringify(path);
}

interface Mark extends Omit<Slip, keyof Place> {
  readonly offset: number;
}

interface Plain {
  readonly value: unknown;
  readonly spots: ReadonlyMap<string, Spot>;
  readonly twice: readonly Mark[];
  readonly strange: readonly Mark[];
}

/** The document as plain values, with the offset of every key and value. */
function plain(document: Document.Parsed): Plain {
  const spots = new Map<string, Spot>();
  const twice: Mark[] = [];
  const strange: Mark[] = [];

  function visit(node: ParsedNode | null, path: Path, key: number): unknown {
    const text = isScalar(node) && typeof node.source === 'string' ? node.source : undefined;
    // An empty value stands nowhere of its own; its key does.
    const start = node === null || (isScalar(node) && node.value === null) ? key : node.range[0];
    const value = read(node, path, start);
    spots.set(pathKey(path), { value, text, key, start });
    return value;
  }

  function read(node: ParsedNode | null, path: Path, start: number): unknown {
    if (path.length > DEEPEST) {
      strange.push({ offset: start, path: path.slice(0, DEEPEST), message: DEEP, fix: fixOf('RESOURCE_EXHAUSTION') });
      return null;
    }
    if (isAlias(node)) {
      strange.push({ offset: start, path, message: fill(ALIAS, { name: node.source }), fix: ALIAS_FIX });
      return null;
    }
    if (isScalar(node)) return node.value;
    if (isSeq<ParsedNode>(node)) {
      return node.items.map((item, index) => visit(item, [...path, index], item?.range[0] ?? start));
    }
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return null;
    const entries = new Map<string, unknown>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : 'a list or group';
      const here = [...path, name];
      const offset = key.range[0];
      if (entries.has(name)) {
        twice.push({ offset, path: here, message: TWICE, fix: KEEP_ONE });
      } else if (name === '__proto__') {
        // The schema passes over it in silence, as all of JavaScript does.
        strange.push({ offset, path: here, message: NO_SETTING, fix: OTHER_NAME });
      } else {
        entries.set(name, visit(value, here, offset));
      }
    }
    return Object.fromEntries(entries);
  }

  const value = visit(document.contents, [], 0);
  return { value, spots, twice, strange };
}

/** A path below a value that may not have it. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** The names of the settings that a value holds; none when it is not a group of settings. */
export function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
