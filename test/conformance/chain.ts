import { ApiPromise, WsProvider } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { Signer } from '@polkadot/types/types';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';
import { expect } from 'chai';
import { ChainWeights } from '../../src/chain/chain-weights.js';
import { Turn } from '../../src/chain/turn.js';
import type { HotkeyPair } from '../../src/wallet/hotkey.js';
import { sign } from '../../src/wallet/sign.js';
import { clientOf, eventually } from '../support/chain-subnet.js';

/** A Subtensor node under test: the double, or a real one that was prepared so. */
export interface ChainUnderTest {
  readonly url: string;
  readonly netuid: number;
  /** Registered, with a permit and enough stake; weights are set by `set_weights`. */
  readonly validator: HotkeyPair;
  /** Not registered on the subnet. */
  readonly stranger: HotkeyPair;
  /** A uid of the subnet other than the validator's. */
  readonly minerUid: number;
  dispose(): Promise<void>;
}

/** What became of a transaction: the block's hash and its events, or how it was refused. */
export type Sent =
  | { readonly kind: 'included'; readonly events: readonly string[]; readonly error?: string }
  | { readonly kind: 'refused'; readonly message: string };

const NO_BYTES = { extrinsic: {}, payload: {} };

/** Connects polkadot-js itself, with nothing of ours between. */
export async function connect(url: string): Promise<ApiPromise> {
  return ApiPromise.create({
    // Its declaration does not hold under exactOptionalPropertyTypes.
    provider: new WsProvider(url, 50) as unknown as ProviderInterface,
    noInitWarn: true,
    signedExtensions: {
      SudoTransactionExtension: NO_BYTES,
      SubtensorTransactionExtension: NO_BYTES,
      DrandPriority: NO_BYTES,
    },
  });
}

/** Signs as a wallet does: what is longer than 256 bytes by its hash. */
export function signerOf(pair: HotkeyPair): Signer {
  return {
    signRaw: ({ data }) => {
      const bytes = hexToU8a(data);
      const message = bytes.length > 256 ? blake2AsU8a(bytes) : bytes;
      return Promise.resolve({ id: 0, signature: u8aToHex(new Uint8Array([1, ...sign(pair, message)])) });
    },
  };
}

/** Sends and waits for the block; `address` is who is said to sign. */
export function send(
  api: ApiPromise,
  call: SubmittableExtrinsic<'promise'>,
  pair: HotkeyPair,
  options: object = {},
  address: string = pair.address,
): Promise<Sent> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    const settle = (sent: Sent): void => {
      stop?.();
      resolve(sent);
    };
    call
      .signAndSend(address, { signer: signerOf(pair), ...options }, (result) => {
        if (!result.status.isInBlock) return;
        const error = result.dispatchError;
        settle({
          kind: 'included',
          events: result.events.map(({ event }) => `${event.section}.${event.method}`),
          ...(error?.isModule === true ? { error: api.registry.findMetaError(error.asModule).name } : {}),
        });
      })
      .then((unsubscribe) => (stop = unsubscribe))
      .catch((error: unknown) => settle({ kind: 'refused', message: String(error) }));
  });
}

/** The facts about a chain that the production client builds on, asked by polkadot-js alone. */
export function describeChain(name: string, open: () => Promise<ChainUnderTest>): void {
  describe(`chain: ${name}`, function () {
    this.timeout(60_000);
    let under: ChainUnderTest;
    let api: ApiPromise;
    before(async () => {
      under = await open();
      api = await connect(under.url);
    });
    after(async () => {
      await api.disconnect();
      await under.dispose();
    });

    it('gives the metagraph of one block', async () => {
      const graph = (
        await api.call.subnetInfoRuntimeApi!.getMetagraph!(under.netuid)
      ).toJSON() as unknown as {
        readonly netuid: number;
        readonly hotkeys: readonly string[];
        readonly validatorPermit: readonly boolean[];
        readonly numUids: number;
      };
      expect(graph.netuid).to.equal(under.netuid);
      expect(graph.hotkeys).to.have.length(graph.numUids).and.include(under.validator.address);
      expect(graph.validatorPermit[graph.hotkeys.indexOf(under.validator.address)]).to.equal(true);
    });

    it('takes the weights of a validator and shows them raised to 65,535', async () => {
      const { setWeights } = api.tx.subtensorModule!;
      const sent = await send(api, setWeights!(under.netuid, [under.minerUid], [600], 0), under.validator);
      expect(sent).to.have.property('events').that.includes('subtensorModule.WeightsSet');
      const uid = (await api.query.subtensorModule!.uids!(under.netuid, under.validator.address)).toJSON();
      const weights = await api.query.subtensorModule!.weights!(under.netuid, uid);
      expect(weights.toJSON()).to.deep.equal([[under.minerUid, 65_535]]);
    });

    it('refuses weights again before the rate limit has passed', async () => {
      const { setWeights } = api.tx.subtensorModule!;
      const sent = await send(api, setWeights!(under.netuid, [under.minerUid], [600], 0), under.validator);
      expect(JSON.stringify(sent)).to.match(/Custom error: 6|SettingWeightsTooFast/);
    });

    it('is read by our client, which is refused weights by the name of the reason', async () => {
      const { subnet } = clientOf(under.url, under.netuid);
      try {
        await eventually(() => subnet.current()?.connected === true);
        const { neurons } = subnet.current()!.metagraph;
        const uid = neurons.findIndex(({ hotkey }) => hotkey === under.validator.address);
        expect(neurons[uid]).to.deep.include({ uid, validatorPermit: true });
        const weights = new ChainWeights({ subnet, pair: under.validator, turn: new Turn() });
        const { signal } = new AbortController();
        const terms = await weights.terms(signal);
        expect(terms.self).to.deep.include({ uid, permit: true });
        const vector = { uids: [under.minerUid], values: [65_535], versionKey: terms.versionKey };
        expect(await weights.set(vector, signal)).to.deep.include({ kind: 'refused', reason: 'too_fast' });
      } finally {
        await subnet.stop();
      }
    });

    it('refuses an axon of a hotkey that is not registered', async () => {
      const { serveAxon } = api.tx.subtensorModule!;
      const sent = await send(api, serveAxon!(under.netuid, 1, 16_909_060, 8091, 4, 4, 0, 0), under.stranger);
      expect(JSON.stringify(sent)).to.match(/Custom error: 10|HotKeyNotRegisteredInNetwork/);
    });

    it('refuses an axon on the loopback address', async () => {
      const { serveAxon } = api.tx.subtensorModule!;
      const sent = await send(
        api,
        serveAxon!(under.netuid, 1, 2_130_706_433, 8091, 4, 4, 0, 0),
        under.validator,
      );
      expect(JSON.stringify(sent)).to.match(/Custom error: 11|InvalidIpAddress/);
    });
  });
}
