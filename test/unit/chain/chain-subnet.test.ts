import { expect } from 'chai';
import { minersOf } from '../../../src/domain/network-view.js';
import { systemClock, type Clock } from '../../../src/runtime/clock.js';
import type { ChainDouble } from '../../support/chain-double/chain-double.js';
import {
  clientOf,
  eventually,
  hotkey,
  NETUID,
  needMetadata,
  smallChain,
  type Client,
} from '../../support/chain-subnet.js';
import { freePorts } from '../../support/program.js';

describe('a subnet of a chain (a double)', function () {
  this.timeout(20_000);
  let double: ChainDouble;
  let client: Client | undefined;

  before(function () {
    needMetadata(this);
  });
  beforeEach(async () => {
    double = await smallChain();
  });
  afterEach(async () => {
    await client?.subnet.stop();
    client = undefined;
    await double.stop();
  });

  const open = (network = double.url): Client => (client = clientOf(network));
  const view = () => client!.subnet.current();
  const graph = () => view()!.metagraph;
  const connected = () => eventually(() => view()?.connected === true);
  const said = (part: string) => client!.lines.filter(({ msg, level }) => level >= 30 && msg.includes(part));

  it('shows hotkeys, stake, permits, axons and the block of one reading', async () => {
    const [validator, miner] = await Promise.all([hotkey(1), hotkey(2)]);
    open();
    await connected();
    expect(graph()).to.deep.include({ netuid: NETUID, network: double.url, source: 'chain', block: 1 });
    expect(graph().neurons).to.deep.equal([
      { uid: 0, hotkey: validator.address, stake: 1.5, validatorPermit: true, lastUpdate: 0 },
      {
        uid: 1,
        hotkey: miner.address,
        stake: 0,
        validatorPermit: false,
        lastUpdate: 0,
        axon: { ip: '1.2.3.4', port: 8091 },
      },
    ]);
    expect(minersOf(graph())).to.have.length(1);
  });

  it('reads 256 neurons in one call', async () => {
    const pairs = await Promise.all(Array.from({ length: 256 }, (_, uid) => hotkey(uid)));
    double.setNeurons(
      pairs.map(({ address }, uid) => ({
        uid,
        hotkey: address,
        taoRao: 1_000_000_000n,
        ...(uid % 2 === 1 && { axon: { ip: BigInt(16_909_060 + uid), port: 8000 + uid } }),
      })),
    );
    double.advance();
    double.requests.clear();
    open();
    await connected();
    expect(graph().neurons.map(({ hotkey: address }) => address)).to.deep.equal(
      pairs.map(({ address }) => address),
    );
    expect(graph().neurons[255]).to.deep.include({ stake: 0.18, axon: { ip: '1.2.4.3', port: 8255 } });
    // Two of the calls are for the metadata.
    expect(double.requests.get('state_call')).to.equal(3);
  });

  it('shows IPv6 axons, and none where the port or the address is 0', async () => {
    const [a, b, c] = await Promise.all([hotkey(1), hotkey(2), hotkey(3)]);
    double.setNeurons([
      { uid: 0, hotkey: a.address, axon: { ip: (0x2001_0db8n << 96n) + 1n, port: 8091, ipType: 6 } },
      { uid: 1, hotkey: b.address, axon: { ip: 0n, port: 8091 } },
      { uid: 2, hotkey: c.address, axon: { ip: 16_909_060n, port: 0 } },
    ]);
    double.advance();
    open();
    await connected();
    expect(graph().neurons.map(({ axon }) => axon)).to.deep.equal([
      { ip: '2001:db8::1', port: 8091 },
      undefined,
      undefined,
    ]);
  });

  it('is read again after five blocks, and not before', async () => {
    open();
    await connected();
    double.setHyperparameters({ tempo: 98 });
    double.requests.clear();
    for (let made = 0; made < 4; made += 1) double.advance();
    await eventually(() => client!.subnet.session().head?.number === 5);
    expect(double.requests.get('state_call')).to.equal(undefined);
    double.advance();
    await eventually(() => graph().block === 6);
  });

  it('keeps the last copy and its age while the chain is away, and says both in one line each', async () => {
    open();
    await connected();
    double.refuseConnections(true);
    double.dropConnections();
    await eventually(() => view()?.connected === false);
    const { ageMs } = view()!;
    await eventually(() => view()!.ageMs > ageMs + 20 && said('no chain is reachable').length > 0);
    expect(graph().neurons).to.have.length(2);
    double.refuseConnections(false);
    await connected();
    expect(said('no chain is reachable')).to.have.length(1);
    expect(said('no chain is reachable')[0]!.msg).to.include(double.url);
    expect(said('the chain is reached again')).to.have.length(1);
  });

  it('starts without a chain, names address and cause, and finds it when it comes up', async () => {
    const [port] = await freePorts(1);
    open(`ws://127.0.0.1:${port}`);
    await eventually(() => said('no chain is reachable').length > 0);
    expect(said('no chain')[0]!.msg).to.include(`ws://127.0.0.1:${port} (ECONNREFUSED)`);
    expect(view()).to.equal(undefined);
    expect(() => client!.subnet.session()).to.throw('no chain is reachable');
  });

  it('takes the next endpoint when one is away, and when one goes away', async () => {
    const other = await smallChain({ startBlock: 7 });
    const [port] = await freePorts(1);
    open(`ws://127.0.0.1:${port},${double.url},${other.url}`);
    await connected();
    expect(graph().block).to.equal(1);
    double.refuseConnections(true);
    double.dropConnections();
    await eventually(() => graph().block === 7 && view()?.connected === true);
    expect(client!.subnet.session().endpoint).to.equal(other.url);
    expect(said('no chain is reachable')).to.have.length(0);
    await client!.subnet.stop();
    await other.stop();
  });

  it('reads on with the metadata of a new runtime', async () => {
    await double.stop();
    double = await smallChain({ metadata: '293' });
    open();
    await connected();
    double.upgradeRuntime({ metadata: '381' });
    double.advance(6);
    await eventually(() => graph().block === double.block && view()?.connected === true);
    expect(client!.subnet.session().specVersion).to.equal(381);
    expect(client!.subnet.session().api.call['subnetInfoRuntimeApi']).to.have.property(
      'getSelectiveMechagraph',
    );
    expect(said('the chain runs a new runtime')).to.have.length(1);
    // The connection of the old runtime is closed.
    await eventually(() => double.chain.events.listenerCount('best') === 1);
    expect(said('no chain is reachable')).to.have.length(0);
  });

  it('says when the chain has no such subnet', async () => {
    double.chain.ledger.write('subtensorModule.networksAdded', [NETUID], false);
    open();
    await eventually(() => said('it has no subnet 49').length === 1);
    expect(view()).to.equal(undefined);
  });

  it('takes a node that tells of no new blocks for dead, and connects anew', async () => {
    const stalls = new Set<() => void>();
    const clock: Clock = {
      ...systemClock,
      after(delayMs, callback) {
        if (delayMs !== 90_000) return systemClock.after(delayMs <= 500 ? 1 : delayMs, callback);
        stalls.add(callback);
        return () => void stalls.delete(callback);
      },
    };
    client = clientOf(double.url, NETUID, clock);
    await connected();
    const old = client.subnet.session();
    const [first] = stalls;
    double.advance();
    await eventually(() => old.head?.number === 2);
    // Each block begins the time anew.
    expect(stalls.size).to.equal(1);
    expect(stalls).not.to.include(first);
    for (const stall of stalls) stall();
    expect(old.isOver).to.equal(true);
    await eventually(() => said('no new block for 90 s').length === 1);
    await connected();
    expect(client.subnet.session()).not.to.equal(old);
    expect(stalls.size).to.equal(1);
  });

  it('leaves nothing behind over ten reconnects', async () => {
    // Every session counts as one that worked, and the wait before the next is short.
    let jumped = 0;
    const clock: Clock = {
      ...systemClock,
      now: () => systemClock.now() + jumped,
      after: (delayMs, callback) => systemClock.after(delayMs <= 500 ? 1 : delayMs, callback),
    };
    client = clientOf(double.url, NETUID, clock);
    await connected();
    const resources = () =>
      process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|TLS/.test(name)).length;
    const before = resources();
    for (let round = 0; round < 10; round += 1) {
      const old = client.subnet.session();
      jumped += 60_000;
      double.dropConnections();
      await eventually(() => view()?.connected === false);
      await connected();
      expect(old.isOver).to.equal(true);
    }
    expect(double.chain.events.listenerCount('best')).to.equal(1);
    expect(double.chain.events.listenerCount('runtime')).to.be.within(1, 2);
    await eventually(() => resources() <= before);
  });
});
