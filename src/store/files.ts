/** Errors of the store, for a person. */
import type { Said, Sentence } from '../core/errors.ts';
import { fill, SaidError } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';

/** The store cannot be used, or a record could not be made safe. The message is for a person and says the way out. */
export class StoreError extends SaidError {
  override readonly name = 'StoreError';
}

/** What is wrong with a file that is there and can be read. */
export class BadFile extends SaidError {
  override readonly name = 'BadFile';
}

/** What was written by a newer Gatepost, and is not touched. @param what a file, or what it holds. */
export function newerError(what: Sentence, version: number, known: number): StoreError {
  return new StoreError(fill(NEWER, { what, version: String(version), known: String(known) }));
}

const NEWER: Sentence = {
  zh: '{what}的版本是 {version}，而本程序只认识到版本 {known}：什么都没有改动；请安装写它的那个版本，或更新的版本',
  en:
    '{what} of version {version}, and this Gatepost knows versions up to {known}: nothing was changed; install the ' +
    'version that wrote it, or a newer one',
};

/** The system's code of an error (`ENOSPC`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the disk has no room left, or the quota of the folder's owner has none. */
export function isFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** An error of the disk for a person: what the system says, and the way out. */
export function diskTrouble(error: unknown): Sentence {
  const reason = errorSaid(error);
  return fill({ zh: '{reason}；{wayOut}', en: '{reason}; {wayOut}' }, { reason, wayOut: wayOut(errorCode(error)) });
}

function wayOut(code: string | undefined): Sentence {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        zh: '请删去磁盘上不需要的东西，或给数据文件夹换更大的磁盘',
        en: 'the disk is full: remove what is not needed there, or give the data folder a larger disk',
      };
    case 'EROFS':
      return {
        zh: '磁盘变为只读，往往是因为它自己出过错：见 "dmesg"，然后修复或更换',
        en: 'the disk is read-only, often since an error of its own: see "dmesg", then repair or replace it',
      };
    case 'EIO':
      return {
        zh: '磁盘正在损坏：见 "dmesg"，把数据文件夹复制到另一块磁盘，并更换这一块',
        en: 'the disk fails: see "dmesg", copy the data folder to another disk, and replace this one',
      };
    case 'EACCES':
    case 'EPERM':
      return { zh: '请把文件夹交给运行 Gatepost 的用户', en: 'give the folder to the user that Gatepost runs as' };
    default:
      return { zh: '请检查磁盘空间和文件夹的所有者', en: "check the disk's room and the folder's owner" };
  }
}

/** What the system says, for a person: in the log and the faults. */
export function errorSaid(error: unknown): Said {
  return error instanceof SaidError ? error.said : systemSaid(errorCode(error), errorText(error));
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
