import { expect } from 'chai';
import { InFlight } from '../../../src/validator/in-flight.js';
import { MinerProbe } from '../../../src/validator/miner-probe.js';
import type {
  MinerAddress,
  MinerCapabilities,
  MinerClient,
} from '../../../src/validator/ports/miner-client.js';
import { seeded } from '../score/seeded.js';
import { fakeMiner, FakeMiners, replies } from './fake-miners.js';
import { ManualClock, settle } from './manual-clock.js';
import { memoryLog } from './memory-log.js';

/** Notes when each miner is asked; those that are down do not answer until they are given up. */
class SilentMiners implements MinerClient {
  readonly asked = new Map<string, number[]>();
  readonly down = new Set<string>();

  constructor(private readonly clock: ManualClock) {}

  capabilities({ hotkey }: MinerAddress, signal: AbortSignal): Promise<MinerCapabilities> {
    this.asked.set(hotkey, [...this.times(hotkey), this.clock.now()]);
    if (!this.down.has(hotkey))
      return Promise.resolve({
        capabilities: [],
        missing: [],
        maxInputBytes: 1,
        freeSlots: 2,
        hotkey,
        version: '',
      });
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  times(hotkey: string): readonly number[] {
    return this.asked.get(hotkey) ?? [];
  }

  query(): never {
    throw new Error('nothing is asked of miners here');
  }

  close(): void {}
}

describe('MinerProbe', () => {
  const open = async (names: readonly string[], down: readonly string[]) => {
    const clock = new ManualClock();
    const client = new SilentMiners(clock);
    for (const name of down) client.down.add(name);
    const network = new FakeMiners(names.map((name) => fakeMiner(name, replies('x')))).network();
    let changes = 0;
    const probe = new MinerProbe({
      client,
      network,
      inFlight: new InFlight(),
      clock,
      random: seeded(1),
      log: memoryLog().log,
      self: '',
      onChange: () => {
        changes += 1;
      },
    });
    const starting = probe.start();
    await clock.advance(10_000);
    await starting;
    return { clock, client, probe, changes: () => changes };
  };
  const names = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, place) => `${prefix}${place}`);
  const reachable = (probe: MinerProbe) =>
    probe.miners().flatMap(({ hotkey, state }) => (state.kind === 'reachable' ? [hotkey] : []));

  it('knows those that answer at once though 256 others do not', async () => {
    const dead = names(256, 'dead');
    const clock = new ManualClock();
    const { probe } = await open([...dead, 'alive'], dead);
    expect(reachable(probe)).to.deep.equal(['alive']);
    await probe.stop();
    expect(clock.waiting).to.equal(0);
  });

  it('asks the living every ten seconds while 256 do not answer', async () => {
    const dead = names(256, 'dead');
    const alive = names(8, 'alive');
    const { clock, client, probe } = await open([...dead, ...alive], dead);
    const from = clock.now();
    await clock.advance(100_000);
    for (const name of alive) expect(client.times(name).filter((at) => at > from)).to.have.length(10);
    await probe.stop();
  });

  it('asks one that does not answer ever more seldom, five minutes apart at most, and knows when it is back', async () => {
    const { clock, client, probe } = await open(['a', 'b'], ['b']);
    await clock.advance(3_600_000);
    const times = client.times('b');
    const gaps = times.slice(1).map((at, place) => at - (times[place] ?? 0));
    expect(gaps[0]).to.be.within(5_000, 20_000);
    expect(gaps.slice(6).every((gap) => gap >= 150_000 && gap <= 320_000)).to.equal(true);
    expect(times.length).to.be.below(40);
    client.down.clear();
    await clock.advance(320_000);
    expect(reachable(probe)).to.deep.equal(['a', 'b']);
    const before = client.times('b').length;
    await clock.advance(60_000);
    expect(client.times('b').length - before).to.equal(6);
    await probe.stop();
  });

  it('skips one that was lost at once, and asks it again with the next round', async () => {
    const { clock, probe } = await open(['a', 'b'], []);
    probe.lost('b', 'connect ECONNREFUSED');
    expect(reachable(probe)).to.deep.equal(['a']);
    await clock.advance(10_000);
    expect(reachable(probe)).to.deep.equal(['a', 'b']);
    await probe.stop();
  });

  it('asks out of turn for a task, but not all that are long gone', async () => {
    const dead = names(200, 'dead');
    const { clock, client, probe } = await open(dead, dead);
    await clock.advance(600_000);
    const before = [...client.asked.values()].flat().length;
    const refreshed = probe.refresh();
    await settle();
    expect([...client.asked.values()].flat().length - before).to.be.within(32, 100);
    await clock.advance(3_000);
    await refreshed;
    await probe.stop();
  });

  it('tells of many changes of one round once', async () => {
    const dead = names(200, 'dead');
    const { probe, changes } = await open([...dead, ...names(50, 'alive')], dead);
    expect(changes()).to.be.at.most(2);
    await probe.stop();
  });
});
