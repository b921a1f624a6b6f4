import { readFile } from 'node:fs/promises';
import { StartError } from './start-error.js';

/** The key that a file holds alone. @param flag that names the file @throws StartError, never with the key in it */
export async function keyInFile(file: string, flag: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new StartError(`${flag} ${file} cannot be read: ${String(cause)}`, { cause });
  }
  const key = text.trim();
  // What a header can carry.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new StartError(`${flag} ${file} must hold a key of printable ASCII without spaces alone`);
  return key;
}
