/** What the system says when it cannot do something: its code stays, with words for the usual ones. */
import type { Said } from './sentence.ts';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: '没有权限',
  EPERM: '不允许此操作',
  EADDRINUSE: '端口已被其他程序占用',
  EADDRNOTAVAIL: '本机没有此地址',
  EBUSY: '设备或文件正被占用',
  ECONNABORTED: '连接被中断',
  ECONNREFUSED: '连接被拒绝，对方端口没有程序监听',
  ECONNRESET: '连接被对方断开',
  EDQUOT: '磁盘配额已用完',
  EEXIST: '文件已存在',
  EHOSTUNREACH: '到不了对方主机',
  EAI_AGAIN: '域名暂时无法解析（DNS）',
  EIO: '磁盘或设备读写出错',
  EISDIR: '这是文件夹，不是文件',
  EMFILE: '打开的文件过多',
  ENETUNREACH: '网络不通',
  ENODEV: '没有此设备',
  ENOENT: '文件或设备不存在',
  ENOSPC: '磁盘已满',
  ENOTDIR: '路径中有一级不是文件夹',
  ENOTFOUND: '域名无法解析（DNS）',
  ENXIO: '没有此设备',
  EPIPE: '对方已断开连接',
  EROFS: '磁盘只读',
  ETIMEDOUT: '连接超时',
};

/**
 * An error of the system for a person. Its own text is English and names the code; of a code without words here it is
 * what both languages get.
 */
export function systemSaid(code: string | undefined, text: string): Said {
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined ? text : { zh: `${words}（${code}）`, en: text };
}
