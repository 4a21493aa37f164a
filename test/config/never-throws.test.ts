import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMap, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import { formatErrors } from '../../src/config/errors.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CONTEXT, EXAMPLE } from './site.ts';

/** Reads the text; whatever it is, the answer is settings, or errors that a person can use. */
function answers(text: string): void {
  const loaded = loadConfig(text, CONTEXT);
  if (loaded.ok) return;
  assert.ok(loaded.errors.length > 0);
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const { line, column, message, fix } of loaded.errors) {
    assert.ok(line >= 1 && line <= lines + 1 && column >= 1, `${line}:${column} of ${lines} lines`);
    for (const said of [`${message.en}. ${fix.en}`, `${message.zh}。${fix.zh}`])
      assert.ok(said.length > 4 && !/undefined|\[object|^\s+at /m.test(said), said);
  }
  assert.equal(formatErrors(loaded.errors, 'en').split('\n').length, loaded.errors.length + 1);
}

test('any text gives an answer', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), answers), { numRuns: 100 });
  const yamlish = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    '&a',
    '*a',
    '!',
    '|',
    '>',
    '%',
    '---\n',
    '?',
    '#',
    '\t',
    ',',
  );
  fc.assert(
    fc.property(
      fc.array(yamlish, { maxLength: 40 }).map((parts) => parts.join('')),
      answers,
    ),
    { numRuns: 150 },
  );
});

test('so does the example with a piece of its text replaced', () => {
  const piece = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('\t', '\n', '{', '[', '"', ': ', '*x', 'null'));
  const place = fc.nat({ max: EXAMPLE.length });
  fc.assert(
    fc.property(place, fc.nat({ max: 30 }), piece, (at, length, text) =>
      answers(EXAMPLE.slice(0, at) + text + EXAMPLE.slice(at + length)),
    ),
    { numRuns: 150 },
  );
});

test('so does the example with any of its values replaced, removed or renamed', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(Infinity, -1, 1e21, '', '../x'));
  fc.assert(
    fc.property(fc.nat({ max: 200 }), value, fc.constantFrom('replace', 'remove', 'rename'), (index, by, how) => {
      const document = parseDocument(EXAMPLE);
      const nodes: Node[] = [];
      visit(document, {
        Pair: (_, pair) => void (isScalar(pair.key) && nodes.push(pair.key)),
        Value: (_, node) => void nodes.push(node),
      });
      const target = nodes[index % nodes.length];
      visit(document, {
        Node(_, node) {
          if (node !== target) return undefined;
          if (how === 'remove') return visit.REMOVE;
          if (how === 'rename' && isScalar(node)) return document.createNode(`${String(node.value)}x`);
          return document.createNode(isMap(node) || isSeq(node) ? [by] : by);
        },
      });
      answers(String(document));
    }),
    { numRuns: 150 },
  );
});

test('so do brackets without an end', () => {
  for (const piece of ['[', '{a: ', '- ', '? ', '"', '&a ']) answers(piece.repeat(2_000));
});
