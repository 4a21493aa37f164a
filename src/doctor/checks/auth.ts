/** Whether anybody but Mallcoo could tell the gate of payments. */
import { isLoopback } from '../../config/values.ts';
import { type Finding, fine, look, wrong } from '../finding.ts';
import { configured } from '../site.ts';

const PROVE = {
  zh: '与猫酷约定令牌，写成 auth: { type: token, token: { credential: mallcoo-token } }（openssl rand -hex 16）',
  en: 'agree on a token with Mallcoo, and write auth: { type: token, token: { credential: mallcoo-token } } (openssl rand -hex 16)',
};

export const checkAuth = configured(async (_, { parks, mallcoo: { listen }, tunnel }) =>
  parks.map(({ id, mallcoo: { auth } }): Finding => {
    if (auth.type !== 'none')
      return fine({ zh: `${id}：猫酷以 ${auth.type} 证明身份`, en: `${id}: Mallcoo proves itself by ${auth.type}` });
    if (!isLoopback(listen.host))
      return wrong(
        {
          zh: `${id}：auth 为 none，而 ${listen.host}:${listen.port} 别的机器也能访问：任何人都能"付款"`,
          en: `${id}: auth is none, and other machines reach ${listen.host}:${listen.port}: anybody can "pay"`,
        },
        PROVE,
      );
    if (tunnel.publicUrl !== undefined)
      return look(
        {
          zh: `${id}：auth 为 none，经公网地址调用无需证明身份`,
          en: `${id}: auth is none, and whoever knows the public address can "pay"`,
        },
        PROVE,
      );
    return fine({
      zh: `${id}：auth 为 none，只有本机能访问`,
      en: `${id}: auth is none, and only this machine reaches the calls`,
    });
  }),
);
