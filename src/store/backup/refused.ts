/** What a person is told when a backup cannot be made or used. */
import { SaidError } from '../../core/sentence.ts';

/** It cannot be done as things are; nothing was changed. What is said tells the way out. */
export class BackupRefused extends SaidError {
  override readonly name = 'BackupRefused';
}
