/** What a person is told when a backup cannot be made or used. */
import type { Sentence } from '../../core/errors.ts';

/** It cannot be done as things are; nothing was changed. The sentence says the way out. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
  readonly sentence: Sentence;

  constructor(sentence: Sentence, options?: ErrorOptions) {
    super(sentence.en, options);
    this.sentence = sentence;
  }
}
