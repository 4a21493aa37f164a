/**
 * Two Gateposts must never write one folder. The lock is a Unix socket in Linux' abstract namespace, named after the
 * folder's device and inode (so that two paths to one folder are one lock): the kernel frees it when the process ends,
 * however it ends, so no stale lock can keep a gate from starting. Limits: Linux only, and within one network namespace.
 */

import { stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Sentence } from '../core/errors.ts';
import { fill } from '../core/sentence.ts';
import { errorCode, StoreError } from './files.ts';

export interface FolderLock {
  release(): Promise<void>;
}

/** How long the holder may take to say who it is, in ms; the error is the same without it. */
const ANSWER_MS = 1_000;

const IN_USE: Sentence = {
  zh: '数据文件夹 {folder} 正被另一个 Gatepost 使用（进程 {pid}）：请先停止它，或给本程序另一个数据文件夹',
  en:
    'the data folder {folder} is in use by another Gatepost (process {pid}): stop that one first, or give this one a ' +
    'data folder of its own',
};

/**
 * Takes the lock of a folder that exists.
 * @throws StoreError when another process (or this one) holds it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const { dev, ino } = await stat(folder, { bigint: true });
  const path = `\0gatepost-${dev}-${ino}`;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(String(process.pid));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path }, resolve);
    });
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    const pid = await holderOf(path);
    throw new StoreError(fill(IN_USE, { folder, pid: pid ?? { zh: '不明', en: 'unknown' } }));
  }
  // The lock alone keeps no process alive.
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** Asks the holder for its process id; null when it does not say. */
function holderOf(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path });
    const finish = (): void => {
      socket.destroy();
      resolve(/^\d+$/.test(answer) ? answer : null);
    };
    socket.setTimeout(ANSWER_MS, finish);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('end', finish);
    socket.on('error', finish);
  });
}
