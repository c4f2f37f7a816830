import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes of a bundle's code, all its parts together, in the folder that is deployed. */
export function codeBytes(folder: string): number {
  return codeFiles(folder)
    .map((file) => statSync(join(folder, file)).size)
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** The names of its parts. */
export function codeFiles(folder: string): readonly string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.mjs'));
}
