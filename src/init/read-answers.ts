import { schemaProblems } from '../config/advice.ts';
import type { Drivers } from '../config/checks.ts';
import { type ConfigError, pathText } from '../config/errors.ts';
import { inOrder, onePerPlace, placed } from '../config/load.ts';
import { readSecret, type SecretStores } from '../config/secrets.ts';
import { shapeOf } from '../config/shape.ts';
import { readSource, type Slip } from '../config/source.ts';
import { type Answers, answersSchema } from './answers.ts';
import { answersProblems } from './answers-checks.ts';

/** What answers are read with; `file` is the name that errors show, and secrets' files are found beside it. */
export interface AnswersContext extends SecretStores {
  readonly drivers: Drivers;
}

export type ReadAnswers =
  | { readonly ok: true; readonly answers: Answers }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** Checks and reads an answers file as the configuration is read: never throws, and tells every mistake at once. */
export function readAnswers(text: string, context: AnswersContext): ReadAnswers {
  const source = readSource(text);
  const slips = (found: readonly Slip[]): readonly ConfigError[] =>
    found.map(({ path, ...rest }) => ({ file: context.file, path: pathText(path), ...rest }));
  if (source.breaks.length > 0) return { ok: false, errors: inOrder(slips(onePerPlace(source.breaks))) };
  if (typeof source.value !== 'object' || source.value === null || Array.isArray(source.value)) {
    const fix = 'Start from docs/init-answers.example.yaml.';
    return {
      ok: false,
      errors: [{ file: context.file, line: 1, column: 1, path: '', message: 'the file has no answers', fix }],
    };
  }
  const schema = answersSchema((reference) => {
    const secret = readSecret(reference, context);
    // It goes to a file, whose blanks at the ends are no part of it.
    return 'text' in secret ? { text: secret.text.trim() } : secret;
  });
  const parsed = schema.safeParse(source.value);
  const issues = parsed.success ? [] : schemaProblems(parsed.error.issues, shapeOf(schema), source, []);
  const problems = [...issues, ...answersProblems(source, context.drivers)];
  const errors = inOrder([...slips(source.slips), ...placed(problems, source, context.file)]);
  if (errors.length > 0 || !parsed.success) return { ok: false, errors };
  return { ok: true, answers: parsed.data };
}
