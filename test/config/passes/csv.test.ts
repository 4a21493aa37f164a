/** CSV as Excel and our own reports write it, read back to the letter; and what is said of a text that is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLine } from '../../../src/cli/payments-csv.ts';
import { cellAt, placesIn, readCsv } from '../../../src/config/passes/csv.ts';

const CELLS = fc.string({ unit: fc.constantFrom('a', '粤', ' ', ',', '"', '\r', '\n', '\r\n', '\t', ';') });
const TABLES = fc.array(fc.array(CELLS, { minLength: 1, maxLength: 5 }), { maxLength: 6 });

test('whatever is written as CSV is read as it was', () => {
  fc.assert(
    fc.property(TABLES, fc.boolean(), (table, ended) => {
      const text = table.map(csvLine).join('');
      // A last line that is empty would be gone without its end.
      const whole = ended || table.at(-1)?.join('') === '';
      const { rows, slips } = readCsv(whole ? text : text.slice(0, -2));
      assert.deepEqual(
        rows.map(({ cells }) => cells),
        table,
      );
      assert.deepEqual(slips, []);
    }),
  );
});

test('every cell is found at its place', () => {
  fc.assert(
    fc.property(TABLES, (table) => {
      const text = table.map(csvLine).join('');
      const { rows } = readCsv(text);
      for (const [index, row] of rows.entries()) {
        for (const [place, cell] of (table[index] ?? []).entries()) {
          const written = csvLine([cell]).slice(0, -2);
          assert.equal(text.substr(cellAt(text, row, place), written.length), written);
        }
      }
    }),
  );
});

test('no text at all brings the reader down, and each of its signs is read once', () => {
  const any = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', '\r', 'x', '\0', '粤') });
  fc.assert(
    fc.property(any, (text) => {
      const { rows } = readCsv(text);
      const read = rows.flatMap(({ cells }) => cells).join('');
      assert.ok(read.length <= text.length);
      assert.equal(read.replaceAll(/[^x粤]/g, ''), text.replaceAll(/[^x粤]/g, ''));
    }),
  );
});

test('lines end as Windows, Linux and old Macs end them', () => {
  for (const end of ['\r\n', '\n', '\r']) {
    const text = `a,b${end}c,"d${end}e"${end}f,`;
    const { rows } = readCsv(text);
    assert.deepEqual(
      rows.map(({ cells }) => cells),
      [
        ['a', 'b'],
        ['c', `d${end}e`],
        ['f', ''],
      ],
    );
    const last = rows[2] ?? assert.fail();
    assert.deepEqual(placesIn(text)(cellAt(text, last, 1)), { line: 4, column: 3 });
  }
});

test('a quote that is never closed, and text behind one, are told at their place', () => {
  const text = 'a,b\n"c"d,e\nf,"g\nh,i\n';
  const { slips } = readCsv(text);
  const place = placesIn(text);
  assert.deepEqual(
    slips.map(({ at, message }) => [place(at), message.en]),
    [
      [{ line: 2, column: 4 }, 'goes on after its closing quote'],
      [{ line: 3, column: 3 }, 'has a quote that is never closed'],
    ],
  );
});
