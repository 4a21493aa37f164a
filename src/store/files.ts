/** Errors of the store, for a person. */
import type { Said, Sentence } from '../core/errors.ts';
import { SaidError } from '../core/sentence.ts';
import { systemSaid } from '../core/system-errors.ts';

/** The store cannot be used, or a record could not be made safe. The message is for a person and says the way out. */
export class StoreError extends SaidError {
  override readonly name = 'StoreError';
}

/** What is wrong with a file that is there and can be read. */
export class BadFile extends Error {
  override readonly name = 'BadFile';
  readonly reason: Sentence;

  constructor(reason: Sentence) {
    super(reason.en);
    this.reason = reason;
  }
}

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
export function diskTrouble(error: unknown): string {
  return `${errorText(error)}; ${wayOut(errorCode(error))}`;
}

function wayOut(code: string | undefined): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full: remove what is not needed there, or give the data folder a larger disk';
    case 'EROFS':
      return 'the disk is read-only, often since an error of its own: see "dmesg", then repair or replace it';
    case 'EIO':
      return 'the disk fails: see "dmesg", copy the data folder to another disk, and replace this one';
    case 'EACCES':
    case 'EPERM':
      return 'give the folder to the user that Gatepost runs as';
    default:
      return "check the disk's room and the folder's owner";
  }
}

/** What the system says, for a person: in the log and the faults. */
export function errorSaid(error: unknown): Said {
  if (error instanceof BadFile) return error.reason;
  return systemSaid(errorCode(error), errorText(error));
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
