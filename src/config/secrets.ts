import { dirname, resolve } from 'node:path';
import { show } from './errors.ts';

/** How the file names a secret: the text itself, or where it is kept. */
export type SecretReference = string | { readonly env: string } | { readonly file: string };

export type SecretRead = { readonly text: string } | { readonly message: string; readonly fix: string };

export interface SecretStores {
  /** The configuration file: secrets' files are found from its folder. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file as text. @throws when it cannot. */
  readFile(path: string): string;
}

/** Looks a secret up. White space around what an environment variable or a file holds is no part of it. */
export function readSecret(reference: SecretReference, stores: SecretStores): SecretRead {
  if (typeof reference === 'string') return { text: reference };
  if ('env' in reference) {
    const text = stores.env[reference.env]?.trim() ?? '';
    if (text !== '') return { text };
    return {
      message: `the environment variable ${reference.env} is not set, or empty`,
      fix: `Set ${reference.env} for the service (Environment= or EnvironmentFile= of the unit), or correct the name.`,
    };
  }
  const path = resolve(dirname(stores.file), reference.file);
  try {
    const text = stores.readFile(path).trim();
    if (text !== '') return { text };
    return { message: `the file ${show(path)} is empty`, fix: 'Write the secret into it, on one line.' };
  } catch (error) {
    return {
      message: `the file ${show(path)} cannot be read (${reasonOf(error)})`,
      fix: 'Create it, or make it readable for the user that Gatepost runs as.',
    };
  }
}

/** The system's word for what is wrong with a file: `ENOENT`. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unknown reason';
}
