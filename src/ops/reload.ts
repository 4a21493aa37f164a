/** `POST /reload` of the local listener: the configuration is read again, and what came of it is the answer. */
import { explain, type Language, type Sentence } from '../core/errors.ts';
import type { HttpApp } from '../http.ts';
import { type Json, jsonAnswer } from './answer.ts';
import { jsonFields } from './guard.ts';

/** What came of reading the configuration again. */
export type Reloaded =
  | {
      readonly ok: true;
      /** What is in force now and was not before. */
      readonly changes: readonly Sentence[];
      /** Settings that differ, and that only a restart brings into force. */
      readonly restart: readonly string[];
    }
  /** Nothing has changed: a line for each mistake. */
  | { readonly ok: false; readonly mistakes: readonly Sentence[] };

export interface ReloadRouteParts {
  readonly language: Language;
  /** Null where there is no file to read again. */
  readonly reload?: (() => Promise<Reloaded>) | null;
}

/** Adds the route to the local app: 200 with what changed, or 422 with the mistakes. The body is `{}`. */
export function reloadRoute(app: HttpApp, { language, reload = null }: ReloadRouteParts): void {
  if (reload === null) return;
  app.post('/reload', async (c) => {
    await jsonFields(c);
    const done = await reload();
    const told = (sentences: readonly Sentence[]): Json => sentences.map(({ zh, en }) => ({ zh, en }));
    if (done.ok) return jsonAnswer(200, { changes: told(done.changes), restart: done.restart });
    const { mistakes } = done;
    const text = explain('RELOAD_REFUSED', language, { value: mistakes.at(-1)?.[language] ?? '' });
    return jsonAnswer(422, { error: 'RELOAD_REFUSED', text, mistakes: told(mistakes) });
  });
}
