/** How the gate is, in the one line that `systemctl status` shows. */
import type { Language } from '../../core/errors.ts';
import type { Health } from '../health.ts';

/** Lanes, vehicles in the parks that are configured, and the faults by their codes. */
export function statusLine(
  { world, state, faults }: Pick<Health, 'world' | 'state' | 'faults'>,
  language: Language,
): string {
  const parks = [...world.parks.values()];
  const lanes = parks.reduce((sum, park) => sum + park.lanes.size, 0);
  const inside = parks.reduce((sum, { id }) => sum + (state.parks.get(id)?.open.size ?? 0), 0);
  const codes = [...new Set(faults.map(({ code }) => code))].join(' ');
  if (language === 'zh')
    return `${lanes} 条车道，在场 ${inside} 辆，${faults.length > 0 ? `${faults.length} 个故障：${codes}` : '无故障'}`;
  const told = faults.length > 0 ? `${faults.length} fault${faults.length === 1 ? '' : 's'}: ${codes}` : 'no fault';
  return `${lanes} lane${lanes === 1 ? '' : 's'}, ${inside} in the park, ${told}`;
}
