/** The program as one binary, and as a checkout: what differs for the person in front of it. */
import { getAsset, isSea } from 'node:sea';

/** The licences' name, in the binary and in `dist`. */
export const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';

/** How a person calls this program again: as they did, or as a checkout is called. */
export function ownCommand(): string {
  return isSea() ? (process.argv[1] ?? 'gatepost') : 'node src/bin.mjs';
}

/** The licences that the binary holds; undefined in a checkout. */
export function packedLicences(): string | undefined {
  return isSea() ? getAsset(LICENCES_FILE, 'utf8') : undefined;
}
