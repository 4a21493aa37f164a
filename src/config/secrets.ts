import { dirname, join, resolve } from 'node:path';
import type { Said, Sentence } from '../core/errors.ts';
import { fill, joined } from '../core/sentence.ts';
import { quoted } from './errors.ts';

/** How the file names a secret: the text itself, or where it is kept. */
export type SecretReference =
  | string
  | { readonly env: string }
  | { readonly file: string }
  | { readonly credential: string };

export type SecretRead = { readonly text: string } | { readonly message: Sentence; readonly fix: Sentence };

export interface SecretStores {
  /** The configuration file: secrets' files are found from its folder. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file as text. @throws when it cannot. */
  readFile(path: string): string;
}

const UNSET = {
  message: { zh: '环境变量 {name} 没有设置，或为空', en: 'the environment variable {name} is not set, or empty' },
  fix: {
    zh: '为服务设置 {name}（服务单元的 Environment= 或 EnvironmentFile=），或改正名称。',
    en: 'Set {name} for the service (Environment= or EnvironmentFile= of the unit), or correct the name.',
  },
};
const EMPTY = {
  message: { zh: '文件 {path} 是空的', en: 'the file {path} is empty' },
  fix: { zh: '把密钥写在文件里，占一行。', en: 'Write the secret into it, on one line.' },
};
const UNREADABLE = {
  message: { zh: '文件 {path} 无法读取（{reason}）', en: 'the file {path} cannot be read ({reason})' },
  fix: {
    zh: '创建此文件，或让运行 Gatepost 的用户能够读取。',
    en: 'Create it, or make it readable for the user that Gatepost runs as.',
  },
};

const NOTHING_THERE: Sentence = { zh: '{path}：空', en: '{path}: empty' };
const RESTART: Sentence = { zh: '，然后：systemctl restart gatepost', en: ', then: systemctl restart gatepost' };
const NO_CREDENTIAL = {
  message: { zh: '凭据 {name} 无法读取（{reasons}）', en: 'the credential {name} cannot be read ({reasons})' },
  fix: {
    zh: '以 root 身份把密钥写入 {path}，占一行：install -m 600 /dev/stdin {path}（输入密钥，回车，Ctrl-D）{restart}。',
    en: 'As root, write the secret into {path} on one line: install -m 600 /dev/stdin {path} (then the secret, Enter, Ctrl-D){restart}.',
  },
};

/** Looks a secret up. White space around what an environment variable or a file holds is no part of it. */
export function readSecret(reference: SecretReference, stores: SecretStores): SecretRead {
  if (typeof reference === 'string') return { text: reference };
  if ('env' in reference) {
    const text = stores.env[reference.env]?.trim() ?? '';
    if (text !== '') return { text };
    const name = reference.env;
    return { message: fill(UNSET.message, { name }), fix: fill(UNSET.fix, { name }) };
  }
  if ('credential' in reference) return readCredential(reference.credential, stores);
  const path = resolve(dirname(stores.file), reference.file);
  try {
    const text = stores.readFile(path).trim();
    if (text !== '') return { text };
    return { message: fill(EMPTY.message, { path: quoted(path) }), fix: EMPTY.fix };
  } catch (error) {
    return { message: fill(UNREADABLE.message, { path: quoted(path), reason: reasonOf(error) }), fix: UNREADABLE.fix };
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
  const reasons: Said[] = [];
  for (const path of paths) {
    try {
      const text = readFile(path).trim();
      if (text !== '') return { text };
      reasons.push(fill(NOTHING_THERE, { path }));
    } catch (error) {
      reasons.push(fill({ zh: '{path}：{reason}', en: '{path}: {reason}' }, { path, reason: reasonOf(error) }));
    }
  }
  const values = { name, path: join(kept, name), reasons: joined(reasons, { zh: '；', en: '; ' }) };
  const restart = handed === '' ? '' : RESTART;
  return { message: fill(NO_CREDENTIAL.message, values), fix: fill(NO_CREDENTIAL.fix, { ...values, restart }) };
}

/** The system's word for what is wrong with a file: `ENOENT`. */
export function reasonOf(error: unknown): Said {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return { zh: '原因不明', en: 'unknown reason' };
}
