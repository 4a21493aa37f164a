/** Errors of the store, for a person. */

/** The store cannot be used, or a record could not be made safe. The message is for a person and says the way out. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The system's code of an error (`ENOSPC`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
