/** `gatepost licenses`: whoever has the binary has the licences of what is in it. */
import type { Sentence } from '../core/errors.ts';
import { LICENCES_FILE, packedLicences } from './packed.ts';
import { readArgs, say, type Terminal } from './terminal.ts';

const HELP: Sentence = {
  zh: `用法：gatepost licenses

打印本程序所含第三方软件（Node.js 和各软件包）的许可证全文。
`,
  en: `usage: gatepost licenses

Prints the licences of the software of others that this program contains: Node.js and the packages, in full.
`,
};

const CHECKOUT: Sentence = {
  zh: `这是源代码目录：各软件包的许可证在 node_modules 中各自的文件夹里；"npm run build" 会汇总到 dist/${LICENCES_FILE}。\n`,
  en: `This is a checkout: each package's licence is in its folder of node_modules; "npm run build" gathers them in dist/${LICENCES_FILE}.\n`,
};

export async function licensesCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = readArgs(args, { help: { type: 'boolean', short: 'h', default: false } });
  terminal.out(values.help ? say(terminal, HELP) : (packedLicences() ?? say(terminal, CHECKOUT)));
  return 0;
}
