/** What the system says when it cannot do something: its code stays, with words for the usual ones. */
import type { Said, Sentence } from './sentence.ts';

const WORDS: Readonly<Record<string, Sentence>> = {
  EACCES: { zh: '没有权限', en: 'no permission' },
  EPERM: { zh: '不允许此操作', en: 'it is not allowed' },
  EADDRINUSE: { zh: '端口已被其他程序占用', en: 'another program has the port' },
  EADDRNOTAVAIL: { zh: '本机没有此地址', en: 'this machine has no such address' },
  EBUSY: { zh: '设备或文件正被占用', en: 'the device or file is in use' },
  ECONNABORTED: { zh: '连接被中断', en: 'the connection was broken off' },
  ECONNREFUSED: { zh: '连接被拒绝，对方端口没有程序监听', en: 'connection refused: nothing listens there' },
  ECONNRESET: { zh: '连接被对方断开', en: 'the connection was cut' },
  EDQUOT: { zh: '磁盘配额已用完', en: 'the quota of the disk is used up' },
  EEXIST: { zh: '文件已存在', en: 'the file is there already' },
  EHOSTUNREACH: { zh: '到不了对方主机', en: 'there is no way to the host' },
  EAI_AGAIN: { zh: '域名暂时无法解析（DNS）', en: 'names cannot be looked up (DNS)' },
  EIO: { zh: '磁盘或设备读写出错', en: 'the disk or device cannot be read or written' },
  EISDIR: { zh: '这是文件夹，不是文件', en: 'it is a folder' },
  EMFILE: { zh: '打开的文件过多', en: 'too many files are open' },
  ENETUNREACH: { zh: '网络不通', en: 'there is no way to the network' },
  ENODEV: { zh: '没有此设备', en: 'there is no such device' },
  ENOENT: { zh: '文件或设备不存在', en: 'there is no such file or device' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
  ENOTDIR: { zh: '路径中有一级不是文件夹', en: 'a part of the path is no folder' },
  ENOTFOUND: { zh: '域名无法解析（DNS）', en: 'the name is not known (DNS)' },
  ENXIO: { zh: '没有此设备', en: 'there is no such device' },
  EPIPE: { zh: '对方已断开连接', en: 'the connection was cut' },
  EROFS: { zh: '磁盘只读', en: 'the disk is read-only' },
  ETIMEDOUT: { zh: '连接超时', en: 'the connection timed out' },
};

/** What a code of the system means; undefined for one without words here. */
export function systemWords(code: string): Sentence | undefined {
  return Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
}

/**
 * An error of the system for a person. Its own text is English and names the code; of a code without words here it is
 * what both languages get.
 */
export function systemSaid(code: string | undefined, text: string): Said {
  const words = code === undefined ? undefined : systemWords(code);
  return words === undefined ? text : { zh: `${words.zh}（${code}）`, en: text };
}
