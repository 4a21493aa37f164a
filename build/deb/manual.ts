/** gatepost(1), in English and in Chinese, from what the commands say of themselves. */
import { assertNever, type Language, type Sentence } from '../../src/core/errors.ts';
import type { CommandHelp } from './help.ts';

type Part =
  | { readonly kind: 'section' | 'command' | 'paragraph'; readonly text: Sentence }
  /** As it is, line by line. */
  | { readonly kind: 'printed'; readonly text: Sentence }
  | { readonly kind: 'term'; readonly term: string; readonly text: Sentence };

const PURPOSE: Sentence = {
  zh: '在岗亭旁的电脑上运行停车场的道闸',
  en: "runs a car park's gates from the PC beside them",
};

const BEFORE: readonly Part[] = [
  { kind: 'section', text: { zh: '说明', en: 'DESCRIPTION' } },
  {
    kind: 'paragraph',
    text: {
      zh:
        'Gatepost 读取车牌识别相机和扫码器，把每次停车记入本机的日志账本，按价格表计费，抬起道闸，并响应猫酷的付款调用。断网时道闸照常工作。' +
        '它作为服务 gatepost.service 运行：gatepost init 写配置，systemctl enable --now gatepost 启动，gatepost status 查看现状。',
      en:
        'Gatepost reads plate cameras and scanners, keeps every visit in a journal on its own disk, prices it, raises the ' +
        'barrier, and answers the payment calls of Mallcoo. Without the internet the gate works on. It runs as the service ' +
        'gatepost.service: gatepost init writes the configuration, systemctl enable --now gatepost starts it, gatepost status ' +
        'tells how it is.',
    },
  },
  { kind: 'section', text: { zh: '命令', en: 'COMMANDS' } },
  {
    kind: 'paragraph',
    text: {
      zh: '每个命令都接受 --help 和 --language zh|en。',
      en: 'Each command takes --help and --language zh|en.',
    },
  },
];

const AFTER: readonly Part[] = [
  { kind: 'section', text: { zh: '文件', en: 'FILES' } },
  file('/etc/gatepost/gatepost.yaml', '配置；价格表在它旁边', 'the configuration; price sheets are beside it'),
  file('/etc/gatepost/example.yaml', '配置的样例', 'an example to start from'),
  file('/etc/gatepost/credentials/', '密钥，每个文件一个，只有 root 可读', "secrets, one per file, root's alone"),
  file('/var/lib/gatepost/', '账目：日志账本、快照、归档', 'the books: the journal, its snapshots, the archive'),
  file('/var/log/gatepost/', '运行日志', 'the log'),
  file('/dev/gatepost/', '串口的固定名字', 'names of serial ports that stay'),
  file('/usr/share/doc/gatepost/', '安装、配置、操作的文档', 'pages on installing, configuring and operating'),
  { kind: 'section', text: { zh: '环境变量', en: 'ENVIRONMENT' } },
  file(
    'GATEPOST_LANGUAGE, LC_ALL, LC_MESSAGES, LANG',
    '语言：以 zh 开头为中文，否则为英文；第一个有值的算数',
    'the language: Chinese where it begins with zh, English otherwise; the first that is set counts',
  ),
  { kind: 'section', text: { zh: '退出状态', en: 'EXIT STATUS' } },
  file('0', '完成', 'it is done'),
  file('1', '没有成功，原因已说明', 'it did not work, and why is told'),
  file('2', '命令用法不对', 'it was called wrongly'),
  { kind: 'section', text: { zh: '另见', en: 'SEE ALSO' } },
  {
    kind: 'paragraph',
    text: { zh: 'systemctl(1), journalctl(1), udevadm(8)', en: 'systemctl(1), journalctl(1), udevadm(8)' },
  },
];

function file(term: string, zh: string, en: string): Part {
  return { kind: 'term', term, text: { zh, en } };
}

/** @param date of the release, `2026-11-23`. */
export function manualPage(
  commands: readonly CommandHelp[],
  language: Language,
  { version, date }: { readonly version: string; readonly date: string },
): string {
  const parts = [...BEFORE, ...commands.flatMap(commandParts), ...AFTER];
  const name = { zh: '名称', en: 'NAME' }[language];
  const synopsis = { zh: '用法', en: 'SYNOPSIS' }[language];
  const use = { zh: '命令 [选项]', en: 'COMMAND [options]' }[language];
  return [
    '.\\" Made by build/deb/manual.ts from the commands\' own help.',
    `.TH GATEPOST 1 ${date} "Gatepost ${version}" Gatepost`,
    `.SH ${name}`,
    `gatepost \\- ${escaped(PURPOSE[language])}`,
    `.SH ${synopsis}`,
    '.B gatepost',
    escaped(use),
    ...parts.flatMap((part) => lines(part, language)),
    '',
  ].join('\n');
}

function commandParts({ name, summary, text, subcommands }: CommandHelp): readonly Part[] {
  const heading = `gatepost ${name}`;
  return [
    { kind: 'command', text: { zh: heading, en: heading } },
    { kind: 'paragraph', text: summary },
    { kind: 'printed', text },
    ...subcommands.flatMap(({ text: own }): readonly Part[] => (own === null ? [] : [{ kind: 'printed', text: own }])),
  ];
}

function lines(part: Part, language: Language): readonly string[] {
  const text = part.text[language];
  switch (part.kind) {
    case 'section':
      return [`.SH ${escaped(text)}`];
    case 'command':
      return [`.SS ${escaped(text)}`];
    case 'paragraph':
      return filled(text);
    case 'printed':
      return ['.PP', '.nf', ...text.trimEnd().split('\n').map(escaped), '.fi'];
    case 'term':
      return ['.TP', `.B ${escaped(part.term)}`, ...filled(text)];
    default:
      return assertNever(part);
  }
}

/** For a formatter to fill: in short lines where there are spaces, and in Chinese with the places where a line may end. */
function filled(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 76) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => escaped(line).replaceAll(/([，。；：、）])(?=.)/g, '$1\\:'));
}

/** Text as text: nothing in it is an order to the formatter, and what can be typed is typed as it stands. */
function escaped(line: string): string {
  const safe = line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
  return safe.startsWith('.') ? `\\&${safe}` : safe;
}
