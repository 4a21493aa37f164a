/** Where the binary may put the library that it loads: any of these may be missing, full, or mounted noexec. */

/**
 * The folders to try, in order: memory and temporary folders before those on the gate PC's flash.
 * @param temporary what the system calls its folder for temporary files
 */
export function addonFolders(env: Readonly<Record<string, string | undefined>>, temporary: string): readonly string[] {
  const listed = (name: string): readonly string[] => (env[name] ?? '').split(':').filter(Boolean);
  return [
    ...new Set([
      temporary,
      '/tmp',
      ...listed('RUNTIME_DIRECTORY'),
      '/run/gatepost',
      '/dev/shm',
      '/var/tmp',
      ...listed('STATE_DIRECTORY'),
      '/var/lib/gatepost',
    ]),
  ];
}

/** What the first folder gives that does not throw. @throws Error with every folder and its reason. */
export function loadFrom<T>(folders: readonly string[], load: (folder: string) => T): T {
  const reasons: string[] = [];
  for (const folder of folders) {
    try {
      return load(folder);
    } catch (error) {
      reasons.push(`${folder} (${reasonOf(error)})`);
    }
  }
  throw new Error(
    `no folder in which the serial library can be loaded; tried ${reasons.join(', ')}. ` +
      'Set TMPDIR to a folder that this user may write to and that is not mounted noexec',
  );
}

/** Without the temporary file's name, which tells nobody anything. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'not there';
  if (code === 'EACCES') return 'not writable';
  if (code === 'ENOSPC') return 'full';
  if (code === 'EROFS') return 'read-only';
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('failed to map segment')) return 'mounted noexec';
  return text.replace(/^\S*gatepost-serial-\S*: /, '');
}
