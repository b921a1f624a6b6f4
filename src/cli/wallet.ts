import { stat } from 'node:fs/promises';
import { ConfigError } from '../config/config-error.js';
import { helpText } from '../config/command-line.js';
import { parseConfig } from '../config/parse-config.js';
import type { Surroundings } from '../config/read-values.js';
import type { WalletCommandConfig } from '../config/wallet.js';
import { readColdkeyAddress } from '../wallet/coldkey.js';
import { generateHotkey, type HotkeyPair } from '../wallet/hotkey.js';
import { readHotkeyFile, writeHotkeyFile } from '../wallet/hotkey-file.js';
import { importHotkey } from '../wallet/secret.js';
import { exposedMode, modeText, readSecretFile, readSecretStream } from '../wallet/secret-file.js';
import { hiddenAnswer } from './hidden-answer.js';
import { hotkeyPassword } from './hotkey-password.js';
import { DEFAULT_NAME, walletFile } from './identity.js';

type Action = (config: WalletCommandConfig) => Promise<string>;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['create', create],
  ['import', importSecret],
  ['show', show],
]);

/**
 * Creates, imports or shows a hotkey file in Bittensor's format.
 *
 * @param argv the words behind `wallet`
 * @returns what to print; never a secret
 * @throws ConfigError, StartError, Refusal
 */
export async function runWallet(argv: readonly string[], surroundings: Surroundings): Promise<string> {
  const [word, ...flags] = argv;
  if (word === undefined || word === '--help' || word === '-h') return helpText('wallet');
  const action = ACTIONS.get(word);
  if (action === undefined) throw new ConfigError(`audio-subnet wallet takes create, import or show first`);
  const parsed = parseConfig('wallet', flags, surroundings);
  return parsed.kind === 'help' ? parsed.text : action(parsed.config);
}

async function create({ wallet }: WalletCommandConfig): Promise<string> {
  const pair = await generateHotkey();
  const file = walletFile(wallet);
  await writeHotkeyFile(file, pair);
  showPhrase(pair, file);
  return describeKey(pair, file);
}

async function importSecret({ wallet, secretFile }: WalletCommandConfig): Promise<string> {
  const pair = await importHotkey(await readSecret(secretFile));
  const file = walletFile(wallet);
  await writeHotkeyFile(file, pair);
  return describeKey(pair, file);
}

async function show({ wallet }: WalletCommandConfig): Promise<string> {
  const file = walletFile(wallet);
  const pair = await readHotkeyFile(file, hotkeyPassword(wallet));
  const coldkey = await readColdkeyAddress(wallet.path, wallet.name ?? DEFAULT_NAME);
  const text = await describeKey(pair, file);
  return coldkey === undefined ? text : `${text}\ncoldkey     ${coldkey}`;
}

async function describeKey({ address, publicKey }: HotkeyPair, file: string): Promise<string> {
  const mode = modeText((await stat(file)).mode);
  const exposed = (await exposedMode(file)) !== undefined;
  return [
    `address     ${address}`,
    `public key  0x${Buffer.from(publicKey).toString('hex')}`,
    `file        ${file}`,
    `mode        ${mode}${exposed ? ' (other users of this machine may read it: chmod 600 it)' : ''}`,
  ].join('\n');
}

/** On a terminal alone, where btcli prints them in any case: what is redirected ends in logs. */
function showPhrase(pair: HotkeyPair, file: string): void {
  const { phrase } = pair.secrets();
  if (phrase === undefined) return;
  const text = process.stderr.isTTY
    ? `Write these words down and keep them in a safe place: whoever has them has the hotkey.\n\n  ${phrase}\n\n`
    : `The words of the hotkey are shown on a terminal only; they are in ${file}\n`;
  process.stderr.write(text);
}

async function readSecret(secretFile: string | undefined): Promise<string> {
  if (secretFile !== undefined) return (await readSecretFile(secretFile)).toString('utf8');
  if (process.stdin.isTTY) return hiddenAnswer('phrase, seed or private key: ');
  return (await readSecretStream('standard input', process.stdin)).toString('utf8');
}
