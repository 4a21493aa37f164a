/** What the gate itself says is wrong. */
import type { FaultCode, Sentence } from '../../core/errors.ts';
import { REMEDIES } from '../../core/remedies.ts';
import { formatLocal, type Zone, zoneOf } from '../../core/time.ts';
import { fromUtc } from '../../ops/moment.ts';
import { type Finding, fine, look, none, same, wrong } from '../finding.ts';
import { type Fields, fieldsOf, type Site } from '../site.ts';

/** Nothing is broken yet, or no more: somebody should look all the same. */
const LESS_URGENT: readonly string[] = ['CALENDAR_ENDS', 'NOTICE_DEAD', 'SNAPSHOT_BAD', 'RECORD_BAD'];

export async function checkFaults({ gate }: Site): Promise<readonly Finding[]> {
  if (!gate.running) return [none({ zh: '启动道闸程序后才能看到', en: 'start the gate to see' })];
  const { faults } = gate.health;
  const raised = Array.isArray(faults) ? faults.map(fieldsOf) : [];
  if (raised.length === 0) return [fine({ zh: '没有故障', en: 'none raised' })];
  const zone = zoneIn(gate.health);
  return raised.map((fault) => faultFinding(fault, zone));
}

function zoneIn({ zone }: Fields): Zone {
  try {
    return zoneOf(String(zone));
  } catch {
    return zoneOf('UTC');
  }
}

function faultFinding({ code, subject, text, since }: Fields, zone: Zone): Finding {
  const at = fromUtc(since);
  const when = at === undefined ? '-' : formatLocal(at, zone);
  const what = {
    zh: `${String(code)} ${String(subject)}，自 ${when}：${String(text)}`,
    en: `${String(code)} ${String(subject)} since ${when}: ${String(text)}`,
  };
  const remedy = remedyOf(String(code));
  return LESS_URGENT.includes(String(code)) ? look(what, remedy) : wrong(what, remedy);
}

/** A newer gate may know codes that this program does not. */
function remedyOf(code: string): Sentence {
  return Object.hasOwn(REMEDIES, code) ? REMEDIES[code as FaultCode] : same('docs/ERRORS.md');
}
