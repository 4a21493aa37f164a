/** The configuration that `gatepost init` writes: what each part is for stands beside it. */

import { amountText } from '../config/tariff/values.ts';
import type { Language } from '../core/errors.ts';
import type { LineRule } from '../core/park/model.ts';
import type { Answers } from './answers.ts';
import { MALLCOO_LISTEN } from './places.ts';
import { type Credential, cameraId, type Site, type SiteDevice, scannerId } from './site.ts';
import { aside, indent, inline, remark } from './yaml-text.ts';

/** The file's text. @param sheet the price sheet's file, from the configuration's folder. */
export function configText(site: Site, sheet: string, language: Language): string {
  const { answers } = site;
  const parts = [
    head(language),
    ['data: /var/lib/gatepost'],
    logPart(language),
    mallcooPart(answers, language),
    tunnelPart(answers, language),
    mqttPart(site, language),
    ['tariffs:', aside(`  standard: ${inline(sheet)}`, language, SHEET)],
    parkPart(site, language),
    devicesPart(site, language),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const SHEET = {
  zh: '价格表，就在本文件旁边；试算：gatepost fee',
  en: 'the price sheet, a file beside this one; try it with gatepost fee',
};

function head(language: Language): readonly string[] {
  return remark(language, {
    zh:
      'Gatepost 的配置，由 gatepost init 写成。改动之后运行 "gatepost check 本文件"，再重启服务。\n' +
      '这里没有写出的设置都取默认值，全部设置见 CONFIG.md；以 # 开头的行是可以打开的设置。',
    en:
      'Gatepost\'s configuration, written by gatepost init. After a change run "gatepost check FILE", then restart the service.\n' +
      'Settings that are not here have their defaults; CONFIG.md has them all. Lines that begin with # can be switched on.',
  });
}

function logPart(language: Language): readonly string[] {
  return [
    'log:',
    aside(`  language: ${language}`, language, { zh: '日志的语言：zh 或 en', en: 'of the log: zh or en' }),
    aside('  file: {}', language, {
      zh: '除 systemd 的日志外，也写到 /var/log/gatepost，总共不超过 80 MiB',
      en: "beside systemd's journal also in /var/log/gatepost, 80 MiB at most",
    }),
  ];
}

function mallcooPart({ tunnel }: Answers, language: Language): readonly string[] {
  const path = basePath(tunnel.publicUrl);
  return [
    'mallcoo:',
    ...indent(1, [
      aside(`listen: ${MALLCOO_LISTEN}`, language, {
        zh: '猫酷的调用从隧道到这里；不对外网开放',
        en: "where the tunnel brings Mallcoo's calls; nobody else reaches it",
      }),
      ...(path === ''
        ? []
        : [
            aside(`basePath: ${path}`, language, { zh: '调用名前面的路径', en: "what stands before the calls' names" }),
          ]),
      aside('language: zh', language, { zh: '给猫酷的答复所用的语言', en: 'of the answers to Mallcoo' }),
    ]),
  ];
}

/** What the public address has behind its host, without a slash at the end. */
function basePath(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
}

function tunnelPart({ tunnel: { publicUrl, ssh } }: Answers, language: Language): readonly string[] {
  if (publicUrl === undefined) {
    const why = {
      zh: '猫酷调用本停车场的公网地址。没有它，隧道断了没有人知道：隧道建好之后打开这两行（见 tunnel.zh-CN.md）。',
      en: 'The address that Mallcoo calls. Without it nobody notices a dead tunnel: switch it on once there is one (tunnel.md).',
    };
    return [...remark(language, why), '#tunnel:', '#  publicUrl: https://park.example.com/parking'];
  }
  const restart = aside('restartFile: /run/gatepost/restart-tunnel', language, {
    zh: '隧道断了很久时写这个文件，由 systemd 重启隧道',
    en: 'written to when the tunnel has been down for long; a unit restarts it',
  });
  const hops = aside('#trustedHops: [127.0.0.1]', language, {
    zh: '远端的网页服务器设置 X-Forwarded-For 时打开',
    en: 'where the web server at the far end sets X-Forwarded-For',
  });
  return [
    'tunnel:',
    ...indent(1, [
      aside(`publicUrl: ${inline(publicUrl.replace(/\/$/, ''))}`, language, {
        zh: '猫酷调用的地址；本机也每 30 秒调用它一次，断了就报故障',
        en: 'what Mallcoo calls; the gate calls it too, every 30 seconds, and raises a fault when nothing comes back',
      }),
      ...(ssh === undefined ? [] : [restart]),
      hops,
    ]),
  ];
}

function mqttPart({ answers: { mqtt }, devices, brokerPassword }: Site, language: Language): readonly string[] {
  if (!devices.some(({ port }) => port === null)) {
    return remark(language, {
      zh: '没有 MQTT 设备；内置的 MQTT 服务只在本机 127.0.0.1:8082 上。',
      en: 'There is no MQTT device; the embedded broker keeps to 127.0.0.1:8082.',
    });
  }
  if (mqtt.broker !== 'embedded') {
    return [
      'mqtt:',
      ...indent(1, [
        aside(`broker: ${inline(mqtt.broker)}`, language, {
          zh: '相机所连的 MQTT 服务器',
          en: 'the broker of the cameras',
        }),
        ...(mqtt.username === undefined ? [] : [`username: ${inline(mqtt.username)}`]),
        ...(brokerPassword === null ? [] : [`password: ${reference(brokerPassword)}`]),
      ]),
    ];
  }
  const remote = mqtt.listen !== undefined && !/^(127\.|localhost|\[::1\])/.test(mqtt.listen);
  return [
    'mqtt:',
    ...indent(1, [
      aside('broker: embedded', language, {
        zh: 'Gatepost 自己就是相机的 MQTT 服务器',
        en: "Gatepost itself is the cameras' broker",
      }),
      aside(`listen: ${inline(mqtt.listen)}`, language, {
        zh: '本机在相机网段里的地址和端口，填进每台相机',
        en: "this machine's address in the cameras' network; it goes into each camera's page",
      }),
      ...(remote ? ['allowRemote: true'] : []),
    ]),
  ];
}

function parkPart(site: Site, language: Language): readonly string[] {
  const { park, tariff, lanes } = site.answers;
  const classes = Object.keys(tariff.classes).length === 0 ? [] : [`classes: ${inline(tariff.classes)}`];
  const fields = [
    aside(`name: ${inline(park.name)}`, language, { zh: '停车场的名称', en: 'what people call it' }),
    `zone: ${inline(park.zone)}`,
    'tariff: standard',
    ...classes,
    aside('#quoteMinutes: 5', language, {
      zh: '查询到的价格在这么多分钟内有效',
      en: 'how long a price that was shown is honoured',
    }),
    'mallcoo:',
    ...indent(1, [...proofLines(site, language), ...noticeLines(site, language)]),
    'lanes:',
    ...indent(
      1,
      lanes.flatMap((lane) => laneLines(lane, language)),
    ),
  ];
  return [
    'parks:',
    aside(`  - id: ${inline(park.id)}`, language, { zh: '猫酷的 parkId', en: "Mallcoo's parkId" }),
    ...indent(2, fields),
  ];
}

function proofLines({ answers, proof }: Site, language: Language): readonly string[] {
  const { auth } = answers.mallcoo;
  const why = remark(language, { zh: '猫酷怎样证明自己', en: 'how Mallcoo proves itself' });
  switch (auth.type) {
    case 'none': {
      const none = { zh: '只用于别人进不来的隧道', en: 'only for a tunnel that nobody else can reach' };
      return [...why, aside('auth: { type: none }', language, none)];
    }
    case 'token':
      return [...why, 'auth:', '  type: token', ...(proof === null ? [] : [`  token: ${reference(proof)}`])];
    case 'sign':
      return [
        ...why,
        'auth:',
        '  type: sign',
        ...(auth.appId === undefined ? [] : [`  appId: ${inline(auth.appId)}`]),
        `  publicKey: ${inline(auth.publicKey)}`,
        ...(proof === null ? [] : [`  privateKey: ${reference(proof)}`]),
      ];
  }
}

function noticeLines({ answers, noticesKey }: Site, language: Language): readonly string[] {
  const { notices } = answers.mallcoo;
  if (notices === undefined || noticesKey === null) {
    const off = {
      zh: '进场通知没有打开。要告诉猫酷每辆进场的车，打开下面几行，并把密钥写进它的文件：',
      en: 'Entries are not told. To tell Mallcoo of each car that enters, switch these on, and write the key into its file:',
    };
    const key = reference({ name: 'mallcoo-notices-key' });
    return [
      ...remark(language, off),
      '#notices:',
      '#  appId: "10086"',
      '#  publicKey: aB3dEf',
      `#  privateKey: ${key}`,
    ];
  }
  return [
    aside('notices:', language, { zh: '把每辆进场的车告诉猫酷', en: 'tells Mallcoo of each car that enters' }),
    `  appId: ${inline(notices.appId)}`,
    `  publicKey: ${inline(notices.publicKey)}`,
    `  privateKey: ${reference(noticesKey)}`,
  ];
}

function laneLines(lane: Answers['lanes'][number], language: Language): readonly string[] {
  const readers = [
    ...(lane.camera === undefined ? [] : [cameraId(lane.id)]),
    ...(lane.scanner === undefined ? [] : [scannerId(lane.id)]),
  ];
  return [
    `- id: ${inline(lane.id)}`,
    ...indent(1, [
      aside(
        `direction: ${lane.direction}`,
        language,
        lane.direction === 'in' ? { zh: '入口', en: 'an entry' } : { zh: '出口', en: 'an exit' },
      ),
      `readers: [${readers.map(inline).join(', ')}]`,
      ...barrierLines(lane, language),
      ...(lane.direction === 'in' ? [] : ruleLines(lane.whenLineDown, language)),
    ]),
  ];
}

function barrierLines({ id, barrier }: Answers['lanes'][number], language: Language): readonly string[] {
  if (barrier?.camera !== undefined) {
    const text = `barrier: ${inline({ device: cameraId(id), output: barrier.camera })}`;
    return [aside(text, language, { zh: '相机自己的输出抬杆', en: "the camera's own output raises the arm" })];
  }
  if (barrier?.relay !== undefined) {
    const text = `barrier: ${inline({ device: barrier.relay, output: barrier.output ?? 1 })}`;
    return [aside(text, language, { zh: '继电器板上的第几路', en: 'which relay of the board' })];
  }
  return remark(language, { zh: '没有道闸', en: 'no barrier' });
}

function ruleLines(rule: LineRule, language: Language): readonly string[] {
  const why = {
    zh: '付款传不到道闸时，欠费的车：hold 照常拦，operator 拦下并叫人，{ letOutUpTo: 元 } 欠得不多就放行',
    en: 'who owes while payments cannot come: hold as ever, hold and call the operator, or { letOutUpTo: yuan }',
  };
  return [aside(`whenLineDown: ${ruleText(rule)}`, language, why)];
}

function ruleText(rule: LineRule): string {
  return rule.type === 'letOut' ? `{ letOutUpTo: ${amountText(rule.upTo)} }` : rule.type;
}

function devicesPart({ devices }: Site, language: Language): readonly string[] {
  return [
    'devices:',
    ...indent(
      1,
      devices.flatMap((device) => deviceLines(device, language)),
    ),
  ];
}

function deviceLines(device: SiteDevice, language: Language): readonly string[] {
  const { id, driver, password, port, baudRate, options } = device;
  const login = { zh: '在相机的 MQTT 页面填同样的用户名和密码', en: "the same login goes into the camera's MQTT page" };
  const named = { zh: `名字由 70-gatepost-site.rules 给出`, en: 'the name is given by 70-gatepost-site.rules' };
  return [
    `- id: ${inline(id)}`,
    ...indent(1, [
      `driver: ${driver}`,
      ...(password === null
        ? []
        : [aside(`username: ${inline(id)}`, language, login), `password: ${reference(password)}`]),
      ...(port === null
        ? []
        : [device.udev === null ? `port: ${inline(port)}` : aside(`port: ${inline(port)}`, language, named)]),
      ...(baudRate === null ? [] : [`baudRate: ${baudRate}`]),
      ...(Object.keys(options).length === 0 ? [] : [`options: ${inline(options)}`]),
    ]),
  ];
}

/** How the configuration names a secret that is kept in a file of its own. */
function reference({ name }: Pick<Credential, 'name'>): string {
  return inline({ credential: name });
}
