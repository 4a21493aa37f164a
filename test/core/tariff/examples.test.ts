/** The worked examples of the real sheets and of OCPI, through `gatepost fee` itself. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { feeCommand } from '../../../src/cli/fee.ts';
import { ran } from '../../cli/ran.ts';

const SHEETS = join(import.meta.dirname, '..', '..', '..', 'docs', 'tariffs');

/** File, class, then entry, exit and the fee in 分 of a Friday that is an ordinary workday. */
type Example = readonly [file: string, className: string | null, from: string, to: string, fee: number];

const EXAMPLES: readonly Example[] = [
  ['plain', null, '10:00', '10:15', 0],
  ['plain', null, '10:00', '10:15:01', 500],
  ['plain', null, '10:00', '12:30', 1500],
  ['plain', null, '08:00', '23:00', 5000],
  ['beijing-class-1', null, '10:00', '10:14', 0],
  ['beijing-class-1', null, '10:00', '11:00', 1000],
  ['beijing-class-1', null, '10:00', '12:00', 2500],
  ['beijing-class-1', null, '10:00', '11:20', 1375],
  ['beijing-class-1', null, '18:30', '21:30', 600],
  ['shenzhen-class-1', null, '09:00', '09:30', 300],
  ['shenzhen-class-1', null, '09:00', '10:00', 900],
  ['shenzhen-class-1', null, '09:00', '12:00', 3300],
  ['shenzhen-class-1', null, '09:00', '13:00', 5300],
  ['shenzhen-class-1', null, '19:30', '21:00', 300],
  ['shanghai-inner-ring', null, '10:00', '10:40', 1500],
  ['shanghai-inner-ring', null, '10:00', '11:01', 2500],
  ['shanghai-inner-ring', null, '10:00', '12:30', 4500],
  ['visitor-centre', null, '10:00', '10:29', 0],
  ['visitor-centre', null, '10:00', '10:29:59', 0],
  ['visitor-centre', null, '10:00', '10:30', 500],
  ['visitor-centre', null, '10:00', '10:31', 500],
  ['visitor-centre', null, '10:00', '13:10', 900],
  ['visitor-centre', null, '10:00', '20:00', 2000],
  ['visitor-centre', 'large', '10:00', '13:10', 1400],
  ['visitor-centre', 'large', '10:00', '23:00', 3000],
  ['class-and-new-energy', null, '10:00', '11:30', 0],
  ['class-and-new-energy', null, '10:00', '11:45', 500],
  ['class-and-new-energy', null, '10:00', '14:10', 800],
  ['class-and-new-energy', 'new energy', '10:00', '13:30', 250],
  ['class-and-new-energy', 'new energy', '10:00', '16:00', 450],
  ['changi', null, '10:00', '10:10', 0],
  ['changi', null, '10:00', '10:11', 65],
  ['changi', null, '10:00', '11:00', 260],
  ['changi', 'terminal 1', '10:00', '12:00', 890],
  ['ocpi-5-per-hour', null, '10:00', '10:42', 375],
  ['ocpi-6-per-hour', null, '10:00', '11:11', 750],
];

async function feeOf([file, className, from, to]: Example): Promise<{
  totalAmount: number;
  items: { amount: number }[];
}> {
  const day = '2026-11-20';
  const argv = ['--tariff', join(SHEETS, `${file}.yaml`), '--in', `${day} ${from}`, '--out', `${day} ${to}`, '--json'];
  const { code, out, err } = await ran(feeCommand, className === null ? argv : [...argv, '--class', className]);
  assert.deepEqual([code, err], [0, '']);
  return JSON.parse(out);
}

for (const example of EXAMPLES) {
  const [file, className, from, to, fee] = example;
  test(`${file}${className === null ? '' : ` (${className})`}: ${from} to ${to} costs ${fee / 100}`, async () => {
    const result = await feeOf(example);
    assert.equal(result.totalAmount, fee);
    assert.equal(
      result.items.reduce((sum, item) => sum + item.amount, 0),
      fee,
    );
  });
}
