/** Whether the internet is there, by the same reference points as the gate's. */

import { askTcp } from '../../mallcoo/reach/ask.ts';
import { type Finding, fine, none, wrong } from '../finding.ts';
import { configured } from '../site.ts';

const PATIENCE_MS = 3_000;

export const checkInternet = configured(async (_, { internet: { check: points } }): Promise<readonly Finding[]> => {
  if (points.length === 0)
    return [none({ zh: '没有参考地址（internet.check）', en: 'no reference points (internet.check)' })];
  const { signal } = new AbortController();
  const reached = await Promise.all(points.map((point) => askTcp(point, PATIENCE_MS, signal)));
  const texts = points.map(({ host, port }) => `${host}:${port}`);
  const up = texts.filter((_, index) => reached[index]);
  if (up.length > 0) return [fine({ zh: `${up.join('，')} 可达`, en: `${up.join(', ')} can be reached` })];
  return [
    wrong(
      { zh: `${texts.join('，')} 都不可达`, en: `none of ${texts.join(', ')} can be reached` },
      {
        zh: '路由器和网线：ip route，ping 网关；只是这些地址被禁，则改 internet.check',
        en: 'router and cable: ip route, ping the gateway; if only these points are forbidden, name others in internet.check',
      },
    ),
  ];
});
