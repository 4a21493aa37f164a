import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { Path } from './errors.ts';

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
  readonly message: string;
  readonly fix: string;
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

const FIXES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces, two for each level.',
  BAD_INDENT: 'Line it up with its neighbours, and close every { and [ that was opened above.',
  MISSING_CHAR: 'Close the quote or bracket that was opened before this place.',
  MULTIPLE_DOCS: 'Keep one document: remove the line "---" and what belongs to another file.',
  BLOCK_AS_IMPLICIT_KEY: 'Write one "key: value" on a line; put a value that holds ": " in quotes.',
  MULTILINE_IMPLICIT_KEY: 'Line the key up with its neighbours, and put ":" and a space after it.',
  RESOURCE_EXHAUSTION: 'No setting is as deep as this: look for a bracket or a dash too many.',
  TAG_RESOLVE_FAILED: 'Remove the tag, or put a text that begins with ! in quotes.',
  BAD_SCALAR_START: 'Put the value in quotes.',
};
const OTHER_FIX =
  'Indent with two spaces for each level, write "key: value", and quote texts that hold : # { [ @ or *.';

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
    message: code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : message.replace(/(: "|;).*$/s, ''),
    fix: FIXES[code] ?? OTHER_FIX,
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
      const fix = 'No setting is as deep as this: look for a bracket or a dash too many.';
      strange.push({ offset: start, path: path.slice(0, DEEPEST), message: 'is nested too deeply', fix });
      return null;
    }
    if (isAlias(node)) {
      const message = `"*${node.source}" refers to another place of the file, which is not possible here`;
      const fix = 'Write the value out, or put a text that begins with * in quotes.';
      strange.push({ offset: start, path, message, fix });
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
        const fix = 'Keep one of the two and remove the other.';
        twice.push({ offset, path: here, message: 'is written twice', fix });
      } else if (name === '__proto__') {
        // The schema passes over it in silence, as all of JavaScript does.
        strange.push({ offset, path: here, message: 'is not a setting', fix: 'Use another name.' });
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
