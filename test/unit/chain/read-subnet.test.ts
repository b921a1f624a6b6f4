import type { ApiPromise } from '@polkadot/api';
import { expect } from 'chai';
import { readSubnet, type SubnetReading } from '../../../src/chain/read-subnet.js';
import type { ChainDouble } from '../../support/chain-double/chain-double.js';
import type { KnownRuntime } from '../../support/chain-double/metadata-files.js';
import {
  clientOf,
  eventually,
  hotkey,
  needMetadata,
  NETUID,
  smallChain,
  type Client,
} from '../../support/chain-subnet.js';

type Calls = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The same chain as a node of another runtime would show it, which lacks some calls. */
function without(api: ApiPromise, ...lacking: readonly string[]): ApiPromise {
  return {
    at: async (hash: string) => {
      const { query, call } = await api.at(hash);
      const left = Object.entries(call as unknown as Calls).map(([name, calls]) => [
        name,
        Object.fromEntries(Object.entries(calls).filter(([each]) => !lacking.includes(each))),
      ]);
      return { query, call: Object.fromEntries(left) as unknown };
    },
  } as unknown as ApiPromise;
}

for (const metadata of ['381', '293'] satisfies readonly KnownRuntime[])
  describe(`readSubnet() on runtime ${metadata} (a double)`, function () {
    this.timeout(20_000);
    let double: ChainDouble;
    let client: Client | undefined;
    let api: ApiPromise;
    let hash: string;
    let selective: SubnetReading | undefined;

    before(async function () {
      needMetadata(this);
      const owner = await hotkey(2);
      double = await smallChain({ metadata, startBlock: 20 });
      double.setHyperparameters({
        tempo: 98,
        minAllowedWeights: 2,
        maxWeightsLimit: 6_553,
        weightsVersionKey: 7,
        weightsSetRateLimit: 101,
        commitRevealWeightsEnabled: true,
        revealPeriodEpochs: 3,
      });
      double.chain.ledger.write('subtensorModule.subnetOwnerHotkey', [NETUID], owner.address);
      double.advance();
      const { subnet } = (client = clientOf(double.url));
      await eventually(() => subnet.current()?.connected === true);
      ({ api } = subnet.session());
      hash = (await api.rpc.chain.getBlockHash()).toHex();
      selective = await read(api);
    });
    after(async () => {
      if (client === undefined) return;
      await client.subnet.stop();
      await double.stop();
    });

    const read = (from: ApiPromise) => readSubnet(from, hash, { netuid: NETUID, network: 'double' });

    it('reads neurons, settings and the owner', async () => {
      expect(selective?.metagraph.neurons).to.have.length(2);
      expect(selective?.metagraph.block).to.equal(21);
      expect(selective?.ownerHotkey).to.equal((await hotkey(2)).address);
      expect(selective?.hyperparameters).to.deep.equal({
        tempo: 98,
        minAllowedWeights: 2,
        maxWeightsLimit: 6_553,
        weightsVersion: 7n,
        weightsRateLimit: 101,
        commitReveal: true,
        revealPeriod: 3,
      });
    });

    it('reads the same where the metagraph comes whole', async () => {
      expect(await read(without(api, 'getSelectiveMetagraph'))).to.deep.equal(selective);
    });

    it('reads the same from the list of neurons and the storages', async () => {
      const lite = without(api, 'getSelectiveMetagraph', 'getMetagraph');
      expect(await read(lite)).to.deep.equal(selective);
      expect(await readSubnet(lite, hash, { netuid: 7, network: 'double' })).to.equal(undefined);
    });

    it('says when the chain is none of Subtensor', async () => {
      const other = without(api, 'getSelectiveMetagraph', 'getMetagraph', 'getNeuronsLite');
      const thrown = await read(other).catch((error: unknown) => String(error));
      expect(thrown).to.include('it is another chain');
    });
  });
