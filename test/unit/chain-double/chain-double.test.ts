import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { ApiPromise } from '@polkadot/api';
import { tle } from '@ideallabs/timelock_wasm_wrapper';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { expect } from 'chai';
import { hotkeyFromSeed, type HotkeyPair } from '../../../src/wallet/hotkey.js';
import { connect, send } from '../../conformance/chain.js';
import { startChainDouble, type ChainDouble } from '../../support/chain-double/chain-double.js';
import {
  PUBLISHED_PULSES,
  QUICKNET_PUBLIC_KEY,
  identityOf,
  loadTimelock,
  open,
} from '../../support/chain-double/drand.js';
import { noMetadata } from '../../support/chain-double/metadata-files.js';

const FETCH = new URL('../../support/chain-double/fetch-metadata.js', import.meta.url).pathname;
const fetchMetadata = (url: string) =>
  promisify(execFile)(process.execPath, [FETCH, '--url', url], { maxBuffer: 4_000_000 });

const NETUID = 49;
const ROUND = 1000;

function encrypt(round: number, plain: Uint8Array): Uint8Array {
  loadTimelock();
  const key = new Uint8Array(randomBytes(32));
  return Uint8Array.from(
    tle(identityOf(round), plain, key, hexToU8a(QUICKNET_PUBLIC_KEY), 'bls12_381') as number[],
  );
}

describe('double of the chain', function () {
  this.timeout(20_000);
  let double: ChainDouble;
  let api: ApiPromise;
  let validator: HotkeyPair;
  let miner: HotkeyPair;

  before(async function () {
    const missing = noMetadata();
    if (missing !== undefined) {
      this.test!.title = missing;
      this.skip();
    }
    validator = await hotkeyFromSeed(new Uint8Array(32).fill(1));
    miner = await hotkeyFromSeed(new Uint8Array(32).fill(2));
  });

  beforeEach(async () => {
    double = await startChainDouble({
      metadata: '381',
      netuid: NETUID,
      sealOnSubmit: true,
      neurons: [
        { uid: 0, hotkey: validator.address, alphaRao: 10_000n, validatorPermit: true },
        { uid: 1, hotkey: miner.address },
      ],
    });
    api = await connect(double.url);
  });

  afterEach(async () => {
    await api.disconnect();
    await double.stop();
  });

  const remark = (): ReturnType<typeof setWeights> => api.tx.system!.remark!('0x01');
  const setWeights = () => api.tx.subtensorModule!.setWeights!(NETUID, [1], [600], 0);
  const payload = (hotkey: HotkeyPair): Uint8Array =>
    api
      .createType('(Vec<u8>, Vec<u16>, Vec<u16>, u64)', [u8aToHex(hotkey.publicKey), [0, 1], [1, 3], 0])
      .toU8a();
  const commit = (bytes: Uint8Array, round = ROUND) =>
    send(api, api.tx.subtensorModule!.commitTimelockedWeights!(NETUID, u8aToHex(bytes), round, 4), validator);
  /** Chain time so that the round comes in the first block of the reveal epoch. */
  const aim = (): void => {
    double.setHyperparameters({ commitRevealWeightsEnabled: true });
    double.aimAt({ round: ROUND, block: double.revealBlock() });
  };

  describe('transactions', () => {
    it('refuses a signature by another key', async () => {
      const sent = await send(api, setWeights(), miner, {}, validator.address);
      expect(sent).to.deep.include({ kind: 'refused' });
      expect(JSON.stringify(sent)).to.include('bad signature');
      expect(double.weights(0)).to.deep.equal([]);
    });

    it('refuses a signature over another genesis', async () => {
      const genesisHash = u8aToHex(new Uint8Array(32).fill(9));
      const sent = await send(api, remark(), validator, { genesisHash });
      expect(JSON.stringify(sent)).to.include('bad signature');
    });

    it('refuses a nonce that was used and keeps one that is not due', async () => {
      expect(await send(api, remark(), validator, { nonce: 0 })).to.include({ kind: 'included' });
      expect(JSON.stringify(await send(api, remark(), validator, { nonce: 0 }))).to.include('outdated');
      const later = send(api, remark(), validator, { nonce: 2 });
      const sooner = await send(api, remark(), validator, { nonce: 1 });
      expect(sooner).to.include({ kind: 'included' });
      double.advance();
      expect(await later).to.include({ kind: 'included' });
    });

    it('gives a breach of the rules as an error of the module where the block checks', async () => {
      double.checkIn('block');
      double.setNeurons([
        { uid: 0, hotkey: validator.address },
        { uid: 1, hotkey: miner.address },
      ]);
      expect(await send(api, setWeights(), validator)).to.include({ error: 'NeuronNoValidatorPermit' });
    });

    it('plants a refusal by number', async () => {
      double.rejectNext({ custom: 6 });
      expect(JSON.stringify(await send(api, remark(), validator))).to.include('Custom error: 6');
      expect(await send(api, remark(), validator)).to.include({ kind: 'included' });
    });
  });

  describe('commits', () => {
    it('has signatures that quicknet published, each of its own round', () => {
      for (const [round, signature] of PUBLISHED_PULSES) {
        expect([...open(encrypt(round, new Uint8Array([5])), signature)!]).to.deep.equal([5]);
        expect(open(encrypt(round + 1, new Uint8Array([5])), signature)).to.equal(undefined);
      }
    });

    it('opens a commit when its pulse is there, and the weights appear', async () => {
      aim();
      const reveal = double.revealBlock();
      const sent = await commit(encrypt(ROUND, payload(validator)));
      expect(sent).to.have.property('events').that.includes('subtensorModule.TimelockedWeightsCommitted');
      expect(double.commits()).to.have.length(1);
      double.advanceTo(reveal);
      expect(double.weights(0), 'no pulse yet').to.deep.equal([]);
      double.publishPulse(ROUND, PUBLISHED_PULSES.get(ROUND)!);
      double.advance();
      expect(double.weights(0)).to.deep.equal([
        [0, 21_845],
        [1, 65_535],
      ]);
      expect(double.settledCommits().map(({ outcome }) => outcome)).to.deep.equal(['revealed']);
      expect(double.commits()).to.deep.equal([]);
    });

    for (const [name, outcome, bytes] of [
      ['of another round', 'does not open', () => encrypt(ROUND + 1, payload(validator))],
      ['in the name of another hotkey', 'payload names another hotkey', () => encrypt(ROUND, payload(miner))],
      ['without a vector', 'payload does not decode', () => encrypt(ROUND, new Uint8Array([1, 2, 3]))],
    ] as const)
      it(`does not apply a commit ${name}`, async () => {
        aim();
        double.publishPulse(ROUND, PUBLISHED_PULSES.get(ROUND)!);
        const reveal = double.revealBlock();
        expect(await commit(bytes())).to.include({ kind: 'included' });
        double.advanceTo(reveal);
        expect(double.weights(0)).to.deep.equal([]);
        expect(double.settledCommits().map((settled) => settled.outcome)).to.deep.equal([outcome]);
      });

    it('drops a commit whose pulse does not come in the epoch', async () => {
      aim();
      const reveal = double.revealBlock();
      await commit(encrypt(ROUND, payload(validator)));
      double.advanceTo(reveal + 100);
      expect(double.settledCommits().map(({ outcome }) => outcome)).to.deep.equal([
        'expired without a pulse',
      ]);
    });

    it('refuses a round that has passed, and weights in the open', async () => {
      aim();
      double.publishPulse(ROUND + 1, PUBLISHED_PULSES.get(ROUND + 1)!);
      expect(JSON.stringify(await commit(encrypt(ROUND, payload(validator))))).to.include('Custom error: 15');
      expect(await send(api, setWeights(), validator)).to.include({ error: 'CommitRevealEnabled' });
    });
  });

  describe('the node', () => {
    it('tells subscribers of another runtime', async () => {
      double.upgradeRuntime({ specVersion: 382 });
      await new Promise<void>((resolve) => {
        void api.rpc.state.subscribeRuntimeVersion(({ specVersion }) => {
          if (specVersion.toNumber() === 382) resolve();
        });
      });
      double.advance();
      expect(await send(api, remark(), validator)).to.include({ kind: 'included' });
    });

    it('lets a client come back after the connection broke', async () => {
      const back = new Promise<void>((resolve) => void api.once('connected', resolve));
      double.dropConnections();
      await back;
      const header = await api.rpc.chain.getHeader();
      expect(header.number.toNumber()).to.equal(double.block);
    });

    it('gives its metadata to the command that fetches it', async () => {
      const { stdout } = await fetchMetadata(double.url);
      expect(stdout.trim() === double.chain.ledger.runtime.metadataHex).to.equal(true);
    });

    it('shows a node that does not answer in one line', async () => {
      const failed = await fetchMetadata('ws://127.0.0.1:1').catch((error: unknown) => error);
      expect(failed).to.include({ code: 1 });
      expect(failed)
        .to.have.property('stderr')
        .that.matches(/no metadata from ws:.*does not answer\n$/);
    });

    it('replaces the best block, and what it wrote', async () => {
      await send(api, setWeights(), validator);
      const before = double.chain.best;
      double.reorg(1, { loseTransactions: true });
      expect(double.chain.block(before.number)!.hash).to.not.equal(before.hash);
      expect(double.weights(0)).to.deep.equal([]);
    });
  });
});
