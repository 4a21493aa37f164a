import { dirname, join, resolve } from 'node:path';
import { show } from './errors.ts';

/** How the file names a secret: the text itself, or where it is kept. */
export type SecretReference =
  | string
  | { readonly env: string }
  | { readonly file: string }
  | { readonly credential: string };

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
  if ('credential' in reference) return readCredential(reference.credential, stores);
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

/** A credential's name: that of a file, which the service manager takes over as it is. */
export const CREDENTIAL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * What `LoadCredential=gatepost:/etc/gatepost/credentials` hands to the service, one credential per file of the folder, or a
 * credential that is handed over by its own name; elsewhere (root's `gatepost check`) the file of the folder itself.
 */
function readCredential(name: string, { file, env, readFile }: SecretStores): SecretRead {
  const kept = join(resolve(dirname(file)), 'credentials');
  const handed = env['CREDENTIALS_DIRECTORY'] ?? '';
  const paths = handed === '' ? [join(kept, name)] : [join(handed, `gatepost_${name}`), join(handed, name)];
  const reasons: string[] = [];
  for (const path of paths) {
    try {
      const text = readFile(path).trim();
      if (text !== '') return { text };
      reasons.push(`${path}: empty`);
    } catch (error) {
      reasons.push(`${path}: ${reasonOf(error)}`);
    }
  }
  const restart = handed === '' ? '' : ', then: systemctl restart gatepost';
  return {
    message: `the credential ${name} cannot be read (${reasons.join('; ')})`,
    fix:
      `As root, write the secret into ${join(kept, name)} on one line: ` +
      `install -m 600 /dev/stdin ${join(kept, name)} (then the secret, Enter, Ctrl-D)${restart}.`,
  };
}

/** The system's word for what is wrong with a file: `ENOENT`. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unknown reason';
}
