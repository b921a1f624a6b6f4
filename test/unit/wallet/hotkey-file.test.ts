import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { findHotkey, hotkeyPath } from '../../../src/wallet/find-hotkey.js';
import { ensureHotkeyFile, readHotkeyFile, writeHotkeyFile } from '../../../src/wallet/hotkey-file.js';
import { generateHotkey, hotkeyFromSeed, isHotkey } from '../../../src/wallet/hotkey.js';
import { importHotkey } from '../../../src/wallet/secret.js';
import { exposedMode } from '../../../src/wallet/secret-file.js';
import { isSignedBy, sign, signaturesReady } from '../../../src/wallet/sign.js';
import { rejection } from '../validator/rejection.js';

describe('a hotkey file', () => {
  let folder: string;
  let path: string;

  before(signaturesReady);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotkeys-'));
    path = hotkeyPath(folder, { wallet: 'cold', hotkey: 'hot' });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('has the fields of a Bittensor hotkey and mode 0600', async () => {
    const pair = await ensureHotkeyFile(path);
    const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
    expect(Object.keys(json)).to.have.members([
      'accountId',
      'publicKey',
      'privateKey',
      'secretPhrase',
      'secretSeed',
      'ss58Address',
    ]);
    expect(json['accountId'])
      .to.match(/^0x[0-9a-f]{64}$/)
      .and.equal(json['publicKey']);
    expect(json['privateKey']).to.match(/^0x[0-9a-f]{128}$/);
    expect(json['secretSeed']).to.match(/^0x[0-9a-f]{64}$/);
    expect(json['secretPhrase']?.split(' ')).to.have.length(12);
    expect(json['ss58Address']).to.equal(pair.address);
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    const read = await readHotkeyFile(path);
    expect(read.address).to.equal(pair.address);
    expect(read.secrets()).to.deep.equal(pair.secrets());
  });

  it('is made once when several ask at the same time', async () => {
    const pairs = await Promise.all(Array.from({ length: 6 }, () => ensureHotkeyFile(path)));
    expect(new Set(pairs.map(({ address }) => address)).size).to.equal(1);
    expect(await readdir(dirname(path))).to.deep.equal(['hot']);
  });

  it('gives the key of a known seed', async () => {
    // The development account Alice of every Substrate chain.
    const seed = '0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a';
    const address = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
    await ensureHotkeyFile(path);
    await writeFile(path, JSON.stringify({ secretSeed: seed, ss58Address: address }));
    expect((await readHotkeyFile(path)).address).to.equal(address);
    expect((await hotkeyFromSeed(Buffer.from(seed.slice(2), 'hex'))).address).to.equal(address);
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['an encrypted one', `$NACL${'x'.repeat(60)}`, /is encrypted, and no password was given/],
    ['an encrypted one that is cut off', '$NACLsomething', /is encrypted and cut off/],
    ['an Ansible Vault', '$ANSIBLE_VAULT;1.1;AES256', /outdated form of Ansible Vault/],
    ['a Fernet token', 'gAAAAABfthree', /outdated form of Fernet/],
    ['a file too long to be a key', 'three'.repeat(20_000), /is longer than 65536 bytes/],
    ['no JSON', '{', /no JSON object/],
    ['one without a secret', '{"ss58Address":"5Grw"}', /no secretPhrase, secretSeed or privateKey/],
    ['a phrase that is none', '{"secretPhrase":"one two three"}', /secretPhrase is no valid phrase/],
    ['a seed of another length', '{"secretSeed":"0x1234"}', /secretSeed is no seed of 32 bytes/],
    ['a seed that is no text', '{"secretSeed":5}', /secretSeed is no seed/],
    [
      'a private key of another length',
      '{"privateKey":"0x1234"}',
      /privateKey is no private key of 64 bytes/,
    ],
    ['a private key above the order', `{"privateKey":"${'f'.repeat(128)}"}`, /privateKey is no private key/],
    ['a private key of zero', `{"privateKey":"${'0'.repeat(128)}"}`, /privateKey is no private key/],
    ['an address of another key', `{"secretSeed":"${'1'.repeat(64)}","ss58Address":"5Grw"}`, /ss58Address/],
  ];
  for (const [name, text, message] of broken) {
    it(`refuses ${name}, naming the file and no secret`, async () => {
      await ensureHotkeyFile(path);
      await writeFile(path, text);
      const error = await rejection(readHotkeyFile(path));
      expect(error.reason).to.equal('INVALID_FIELD');
      expect(error.message).to.match(message).and.include(path).and.not.include('three');
    });
  }

  // Written by btwallet 4.0.1 for the development account Alice.
  const ALICE = {
    privateKey:
      '0x33a6f3093f158a7109f679410bef1a0c54168145e0cecb4df006c1c2fffb1f09925a225d97aa00682d6a59b95b18780c10d7032336e88f3442b42361f4a66011',
    ss58Address: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  };

  it('may hold a private key alone, with or without 0x', async () => {
    for (const privateKey of [ALICE.privateKey, ALICE.privateKey.slice(2)]) {
      await writeFile(join(folder, 'key'), JSON.stringify({ ...ALICE, privateKey, secretPhrase: null }));
      const pair = await readHotkeyFile(join(folder, 'key'));
      expect(pair.address).to.equal(ALICE.ss58Address);
      const message = Buffer.from('signed');
      expect(isSignedBy(pair.address, message, sign(pair, message))).to.equal(true);
    }
  });

  it("writes the private key in Bittensor's form, and no seed that it does not have", async () => {
    await writeHotkeyFile(path, await importHotkey(ALICE.privateKey));
    const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
    expect(json).to.include(ALICE);
    expect(json).not.to.have.any.keys('secretSeed', 'secretPhrase');
  });

  it('is never overwritten', async () => {
    const { address } = await ensureHotkeyFile(path);
    const error = await rejection(writeHotkeyFile(path, await generateHotkey()));
    expect(error.reason).to.equal('INVALID_FIELD');
    expect(error.message).to.include(path).and.include('is there already');
    expect((await readHotkeyFile(path)).address).to.equal(address);
    expect(await readdir(dirname(path))).to.deep.equal(['hot']);
  });

  it('lies in folders that are private', async () => {
    await ensureHotkeyFile(path);
    for (const place of [dirname(path), dirname(dirname(path))])
      expect((await stat(place)).mode & 0o777).to.equal(0o700);
  });

  it('is told to be open to others by its mode', async () => {
    await ensureHotkeyFile(path);
    expect(await exposedMode(path)).to.equal(undefined);
    for (const [mode, text] of [
      [0o640, '0640'],
      [0o604, '0604'],
      [0o620, '0620'],
    ] as const) {
      await chmod(path, mode);
      expect(await exposedMode(path)).to.equal(text);
    }
  });

  it('is not taken for the public file that btwallet puts beside it', async () => {
    await ensureHotkeyFile(path);
    await writeFile(`${path}pub.txt`, JSON.stringify({ ss58Address: ALICE.ss58Address }));
    expect(await findHotkey(folder, ALICE.ss58Address)).to.equal(undefined);
  });

  it('is found by its address', async () => {
    await ensureHotkeyFile(hotkeyPath(folder, { wallet: 'cold', hotkey: 'other' }));
    const { address } = await ensureHotkeyFile(path);
    expect(await findHotkey(folder, address)).to.deep.equal({ wallet: 'cold', hotkey: 'hot' });
    expect(await findHotkey(folder, 'nobody')).to.equal(undefined);
    expect(await findHotkey(join(folder, 'absent'), address)).to.equal(undefined);
  });
});

describe('isHotkey()', () => {
  it('knows addresses of format 42 from other text', () => {
    expect(isHotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')).to.equal(true);
    expect(isHotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ')).to.equal(false);
    expect(isHotkey('15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5')).to.equal(false);
    expect(isHotkey('')).to.equal(false);
  });
});
