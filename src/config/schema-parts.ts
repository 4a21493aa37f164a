/** Kinds of values that the parts of the configuration's schema share. */
import { z } from 'zod';
import { CREDENTIAL_NAME, type SecretRead, type SecretReference } from './secrets.ts';
import { addressFrom } from './values.ts';

/** Shorter ones can be guessed. */
export const SHORTEST_TOKEN = 16;
export const SHORTEST_KEY = 16;

/** Where the schema gets secrets from; the reference, which needs none, hands in a stub. */
export type ReadSecret = (reference: SecretReference) => SecretRead;

// `wanted` completes the sentence "Write …", `label` is the type in the reference, `secret` keeps a value out of errors.

export const whole = (min: number, max: number) => z.int().min(min).max(max);

export const id = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    .meta({ label: 'id', wanted: 'letters, digits, "-", "_" and ".", 64 at most, for example cam-in' });

export const line = () =>
  z
    .string()
    .regex(/^[^\p{Cc}]{1,100}$/u)
    .meta({ label: 'text', wanted: 'a text of 1 to 100 characters' });

/** What an HTTP header can carry. */
export const headerText = () =>
  z
    .string()
    .regex(/^[!-~]{1,100}$/)
    .meta({ label: 'text', wanted: '1 to 100 letters, digits and signs of ASCII, without blanks' });

export const folder = () => z.string().regex(/^\/[^\0]*$/);

export const listen = (standard: string) =>
  z
    .string()
    .transform((text, context) => {
      const address = addressFrom(text);
      if (address !== undefined) return address;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .prefault(standard)
    .meta({ label: 'address:port', wanted: `an address and a port, for example ${standard}` });

export const allowRemote = () =>
  z.boolean().default(false).describe('Allows `listen` to be an address that other machines can reach.');

export function secret(read: ReadSecret, shortest: number) {
  return z
    .union([
      z.string().min(1),
      z.strictObject({ env: z.string().min(1) }),
      z.strictObject({ file: z.string().min(1) }),
      z.strictObject({ credential: z.string().regex(CREDENTIAL_NAME) }),
    ])
    .transform((reference, context) => {
      const found = read(reference);
      if ('text' in found && found.text.length >= shortest) return found.text;
      const { message, fix } =
        'text' in found
          ? {
              message: `has ${found.text.length} characters and can be guessed`,
              fix: `Use ${shortest} characters or more, for example what "openssl rand -hex 16" prints.`,
            }
          : found;
      context.addIssue({ code: 'custom', message, params: { fix } });
      return z.NEVER;
    })
    .meta({
      label: 'secret',
      secret: true,
      wanted: 'the text in quotes, { credential: NAME }, { env: NAME } or { file: PATH }',
    });
}
