import type { WalletConfig } from '../config/sections.js';
import { Refusal } from '../domain/errors.js';
import type { AskPassword } from '../wallet/encrypted-file.js';
import { readSecretFile } from '../wallet/secret-file.js';
import { hiddenAnswer } from './hidden-answer.js';

/**
 * Where the password of an encrypted hotkey comes from: its file, else the terminal. Never from the command line,
 * which other users of a machine can read. White space around it is none of it, as for btcli.
 */
export function hotkeyPassword({ passwordFile }: WalletConfig): AskPassword {
  return async (path) => {
    const password = (await given(path, passwordFile)).trim();
    if (password === '') throw new Refusal('INVALID_FIELD', `${passwordFile ?? path}: the password is empty`);
    return password;
  };
}

async function given(path: string, passwordFile: string | undefined): Promise<string> {
  if (passwordFile !== undefined) return (await readSecretFile(passwordFile)).toString('utf8');
  if (process.stdin.isTTY) return hiddenAnswer(`password of ${path}: `);
  throw new Refusal(
    'INVALID_FIELD',
    `${path}: is encrypted and there is no terminal to ask on; name a file that holds its password with --wallet.password_file`,
  );
}
