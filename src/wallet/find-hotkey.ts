import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readHotkeyAddress } from './hotkey-file.js';

/** Names a hotkey below a folder of wallets. */
export interface HotkeyName {
  readonly wallet: string;
  readonly hotkey: string;
}

/** Where the file of a hotkey lies: `<wallets>/<wallet>/hotkeys/<hotkey>`. */
export function hotkeyPath(walletsDir: string, { wallet, hotkey }: HotkeyName): string {
  return join(walletsDir, wallet, 'hotkeys', hotkey);
}

/** Finds the wallet that holds an address; absent when none below the folder does. */
export async function findHotkey(walletsDir: string, address: string): Promise<HotkeyName | undefined> {
  for (const wallet of await names(walletsDir)) {
    for (const hotkey of await names(join(walletsDir, wallet, 'hotkeys'))) {
      const name = { wallet, hotkey };
      if ((await readHotkeyAddress(hotkeyPath(walletsDir, name))) === address) return name;
    }
  }
  return undefined;
}

/** Not a key: a file being written, or the public part that btwallet puts beside a key. */
const NO_KEY = /(\.tmp|pub\.txt)$/;

/** Sorted; none when the folder is not there. */
async function names(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries.filter((name) => !NO_KEY.test(name)).sort();
}
