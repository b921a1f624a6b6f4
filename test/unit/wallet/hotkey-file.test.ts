import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { findHotkey, hotkeyPath } from '../../../src/wallet/find-hotkey.js';
import { ensureHotkeyFile, readHotkeyFile } from '../../../src/wallet/hotkey-file.js';
import { hotkeyFromSeed, isHotkey } from '../../../src/wallet/hotkey.js';
import { rejection } from '../validator/rejection.js';

describe('a hotkey file', () => {
  let folder: string;
  let path: string;

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
    expect(await readHotkeyFile(path)).to.deep.equal(pair);
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
    ['an encrypted one', '$NACLsomething', /is encrypted/],
    ['no JSON', '{', /no JSON object/],
    ['one without a secret', '{"ss58Address":"5Grw"}', /neither a secretPhrase nor a secretSeed/],
    ['a phrase that is none', '{"secretPhrase":"one two three"}', /secretPhrase is no valid phrase/],
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
