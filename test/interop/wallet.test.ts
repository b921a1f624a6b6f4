import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Hotkey } from '../../src/domain/ids.js';
import { hotkeyPath } from '../../src/wallet/find-hotkey.js';
import { generateHotkey, type HotkeyPair } from '../../src/wallet/hotkey.js';
import { readHotkeyFile, writeHotkeyFile } from '../../src/wallet/hotkey-file.js';
import { importHotkey } from '../../src/wallet/secret.js';
import { isSignedBy, sign, signaturesReady } from '../../src/wallet/sign.js';
import { firstLine, skipSuite } from '../support/skip-suite.js';

const run = promisify(execFile);
const PYTHON = process.env['AUDIO_SUBNET_PYTHON'] ?? 'python3';
const CLIENT = new URL('../../../test/interop/wallet_client.py', import.meta.url).pathname;
const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;
const MESSAGE = '1700000000000000000.sender.receiver.uuid.hash';
const PASSWORD = 'correct horse battery';

async function python(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await run(PYTHON, [CLIENT, ...args]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, string>;
}

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

describe('wallets of the Bittensor SDK', function () {
  this.timeout(120_000);
  let folder = '';

  before(async function () {
    await run(PYTHON, ['-c', 'import bittensor_wallet']).catch((error: unknown) =>
      skipSuite(this, `${PYTHON} with bittensor is not installed: ${firstLine(error)}`),
    );
    await signaturesReady();
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-interop-'));
  });
  after(async () => {
    if (folder !== '') await rm(folder, { recursive: true });
  });

  const place = (hotkey: string): string => hotkeyPath(folder, { wallet: 'cold', hotkey });

  it('are read by us, whatever secret they hold, and sign for us', async () => {
    const written = await python('write', folder, MESSAGE);
    for (const name of ['phrase', 'seed', 'private']) {
      const pair = await readHotkeyFile(place(name));
      expect(pair.address, name).to.equal(written[name]);
      const signature = bytes(written[`${name}_signature`] ?? '');
      expect(isSignedBy(written[name] as Hotkey, Buffer.from(MESSAGE), signature)).to.equal(true);
    }
  });

  it('read ours, and find our signatures right', async () => {
    const fresh = await generateHotkey();
    const { privateKey } = JSON.parse(await textOf(fresh)) as Record<string, string>;
    const { seed = new Uint8Array() } = fresh.secrets();
    const forms = {
      ours: fresh,
      ours_seed: await importHotkey(Buffer.from(seed).toString('hex')),
      ours_private: await importHotkey(privateKey ?? ''),
    };
    for (const [name, pair] of Object.entries(forms)) {
      expect(pair.address).to.equal(fresh.address);
      await writeHotkeyFile(place(name), pair);
      const signature = Buffer.from(sign(pair, Buffer.from(MESSAGE))).toString('hex');
      const read = await python('read', folder, MESSAGE, name, signature);
      expect(read, name).to.include({ address: fresh.address, verified: 'True' });
      expect(isSignedBy(fresh.address, Buffer.from(MESSAGE), bytes(read['signature'] ?? ''))).to.equal(true);
    }
  });

  it('are decrypted with the password of a file', async () => {
    const { encrypted } = await python('encrypt', folder, MESSAGE, PASSWORD);
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const args = ['--wallet.path', folder, '--wallet.name', 'cold', '--wallet.hotkey', 'encrypted'];
    const { stdout } = await run(process.execPath, [MAIN, 'wallet', 'show', ...args], {
      env: { ...process.env, AUDIO_SUBNET_WALLET_PASSWORD_FILE: passwordFile },
    });
    expect(stdout).to.include(encrypted).and.not.include(PASSWORD);
  });

  async function textOf(pair: HotkeyPair): Promise<string> {
    await writeHotkeyFile(place('text'), pair);
    return readFile(place('text'), 'utf8');
  }
});
