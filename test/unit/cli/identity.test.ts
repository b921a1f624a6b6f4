import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { findIdentity } from '../../../src/cli/identity.js';
import type { SubnetConfig, WalletConfig } from '../../../src/config/sections.js';
import type { Subnet } from '../../../src/cli/subnet.js';
import { hotkeyPath } from '../../../src/wallet/find-hotkey.js';
import { ensureHotkeyFile } from '../../../src/wallet/hotkey-file.js';
import { rejection } from '../validator/rejection.js';

const CHAIN: SubnetConfig = { netuid: 49, network: { kind: 'chain', name: 'finney' } };
const STATIC: SubnetConfig = { netuid: 49, network: { kind: 'static', file: 'subnet.json' } };

describe('findIdentity()', () => {
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'identity-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  function find(wallet: Omit<WalletConfig, 'path'>, config: SubnetConfig) {
    const subnet: Pick<Subnet, 'view' | 'walletsDir'> = {
      view: { current: () => undefined },
      walletsDir: path,
    };
    return findIdentity({
      config: { wallet: { path, ...wallet }, subnet: config },
      subnet,
      fits: () => true,
      log: pino({ level: 'silent' }),
    });
  }
  const make = (wallet: string, hotkey: string) => ensureHotkeyFile(hotkeyPath(path, { wallet, hotkey }));

  it('on a chain is default of default unless named', async () => {
    const { address } = await make('default', 'default');
    const other = await make('mine', 'default');
    expect((await find({}, CHAIN))?.address).to.equal(address);
    expect((await find({ name: 'mine' }, CHAIN))?.address).to.equal(other.address);
  });

  it('on a chain is refused when its file is missing', async () => {
    expect((await rejection(find({}, CHAIN))).message).to.include('ENOENT');
  });

  it('on a static subnet without a neuron of ours is none', async () => {
    await make('default', 'default');
    expect(await find({}, STATIC)).to.equal(undefined);
  });
});
