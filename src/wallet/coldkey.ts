import { join } from 'node:path';
import { readHotkeyAddress } from './hotkey-file.js';

/**
 * The address of a wallet's coldkey, from its public file; absent where that is not there. The file `coldkey`, which
 * holds the secret, is never opened.
 */
export async function readColdkeyAddress(walletsDir: string, wallet: string): Promise<string | undefined> {
  return readHotkeyAddress(join(walletsDir, wallet, 'coldkeypub.txt'));
}
