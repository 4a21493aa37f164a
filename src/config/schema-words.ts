/** What is wanted in a field of the schema: it completes the sentence "Write …". */
import type { Sentence } from '../core/errors.ts';

export const WANTED = {
  basePath: {
    zh: '""，或 /parking/v1 这样的路径，末尾不带斜杠',
    en: '"" or a path such as /parking/v1, without a slash at its end',
  },
  broker: {
    zh: 'embedded，或不带登录信息的 URL，例如 mqtt://192.168.1.20:1883',
    en: 'embedded, or a URL without a login in it, for example mqtt://192.168.1.20:1883',
  },
  sheet: { zh: '价格表的路径，例如 standard.yaml', en: 'the path of a sheet, for example standard.yaml' },
  sheets: { zh: '一个文件或文件列表，例如 standard.yaml', en: 'a file or a list of files, for example standard.yaml' },
  passFile: { zh: '表格的路径，例如 passes.csv', en: 'the path of a table, for example passes.csv' },
  passFiles: { zh: '一个文件或文件列表，例如 passes.csv', en: 'a file or a list of files, for example passes.csv' },
  vehicleClass: { zh: '价格表中车型的名称', en: 'the name of a class of the price sheet' },
  amount: {
    zh: '大于 0 的金额，单位元，最多两位小数，例如 50.00',
    en: 'an amount in yuan above 0, with two decimals at most, for example 50.00',
  },
  lineRule: {
    zh: 'hold、operator，或金额（元），如 { letOutUpTo: 50.00 }',
    en: 'hold, operator, or an amount in yuan like { letOutUpTo: 50.00 }',
  },
  readers: { zh: '一个或多个设备的列表，例如 [cam-in]', en: 'a list of one or more devices, for example [cam-in]' },
  zone: { zh: '时区名称，例如 Asia/Shanghai', en: 'the name of a time zone, for example Asia/Shanghai' },
  auth: {
    zh: '{ type: none }，或 { type: token, token: { credential: NAME } }，或 { type: sign, … }',
    en: '{ type: none }, or { type: token, token: { credential: NAME } }, or { type: sign, … }',
  },
  lanes: { zh: '一条或多条车道的列表', en: 'a list of one or more lanes' },
  port: { zh: '路径，例如 /dev/gatepost/scanner-out', en: 'a path, for example /dev/gatepost/scanner-out' },
  data: { zh: '完整路径，例如 /var/lib/gatepost', en: 'a full path, for example /var/lib/gatepost' },
  tariffs: {
    zh: '每个价格表自定一个名称，并写出文件："standard: standard.yaml"',
    en: 'a name of your own for each price sheet, and its file: "standard: standard.yaml"',
  },
  holidays: { zh: '节假日文件的路径，例如 holidays.yaml', en: 'the path of a holiday file, for example holidays.yaml' },
  parks: { zh: '一个或多个停车场的列表', en: 'a list of one or more car parks' },
  devices: { zh: '一个或多个设备的列表', en: 'a list of one or more devices' },
  callPath: { zh: '路径，前面不带斜杠，例如 {name}', en: 'a path without a slash in front, for example {name}' },
} as const satisfies Readonly<Record<string, Sentence>>;
