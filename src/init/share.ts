import { stringify } from 'yaml';
import type { Language } from '../core/errors.ts';
import type { Given } from './answers.ts';
import { remark } from './yaml-text.ts';

/**
 * Answers as a file for the next car park: its cameras' passwords are left out (they are made up there), and Mallcoo's
 * secrets come from the environment.
 */
export function withoutSecrets(given: Given, language: Language): string {
  const { auth, notices } = given.mallcoo;
  const env = (name: string) => ({ env: name });
  const shared = {
    ...given,
    lanes: given.lanes.map((lane) => {
      if (lane.camera === undefined) return lane;
      const { password: _, ...rest } = lane.camera;
      return { ...lane, camera: rest };
    }),
    ...(given.mqtt?.password === undefined ? {} : { mqtt: { ...given.mqtt, password: env('GATEPOST_MQTT_PASSWORD') } }),
    mallcoo: {
      auth:
        auth.type === 'sign'
          ? { ...auth, privateKey: env('GATEPOST_MALLCOO_KEY') }
          : auth.type === 'token' && auth.token !== undefined
            ? { ...auth, token: env('GATEPOST_MALLCOO_TOKEN') }
            : auth,
      ...(notices === undefined ? {} : { notices: { ...notices, privateKey: env('GATEPOST_MALLCOO_NOTICES_KEY') } }),
    },
  };
  const head = remark(language, {
    zh:
      '供 "gatepost init --answers 文件" 用的回答。每个停车场不同的：park.id、相机的序列号、串口、mqtt.listen、隧道。\n' +
      '猫酷的密钥从环境变量读取；相机的密码没有写出，到时自动生成。',
    en:
      'Answers for "gatepost init --answers FILE". What differs from gate to gate: park.id, the cameras\' serial numbers, serial\n' +
      "ports, mqtt.listen, the tunnel. Mallcoo's secrets come from the environment; cameras' passwords are made up there.",
  });
  return `${head.join('\n')}\n${stringify(shared, { lineWidth: 0 })}`;
}
