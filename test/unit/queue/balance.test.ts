import { expect } from 'chai';
import { leastLoaded, weighBy } from '../../../src/domain/balance.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import type { Metagraph } from '../../../src/domain/network-view.js';

function metagraph(stakes: Readonly<Record<string, number>>): Metagraph {
  const neurons = Object.entries(stakes).map(([hotkey, stake], uid) => ({
    uid,
    hotkey: hotkey as Hotkey,
    stake,
    validatorPermit: true,
  }));
  return { netuid: 49, network: 'static', source: 'static', neurons };
}

describe('weighBy()', () => {
  const session = { holder: 'a', maxInFlight: 8 };

  it('weighs all the same, or by what they work on at a time', () => {
    expect(weighBy('equal', () => undefined)(session)).to.equal(1);
    expect(weighBy('capacity', () => undefined)(session)).to.equal(8);
  });

  it('weighs by stake, and holders without any as the smallest one that has some', () => {
    const weigh = weighBy('stake', () => metagraph({ a: 50, b: 7, c: 0 }));
    const weights = ['a', 'b', 'c', 'nobody'].map((holder) => weigh({ holder, maxInFlight: 8 }));
    expect(weights).to.deep.equal([50, 7, 7, 7]);
  });

  it('weighs all the same where no stake is known', () => {
    expect(weighBy('stake', () => undefined)(session)).to.equal(1);
    expect(weighBy('stake', () => metagraph({ a: 0 }))(session)).to.equal(1);
  });

  it('follows the picture of the subnet', () => {
    let current = metagraph({ a: 1 });
    const weigh = weighBy('stake', () => current);
    expect(weigh(session)).to.equal(1);
    current = metagraph({ a: 9 });
    expect(weigh(session)).to.equal(9);
  });
});

describe('leastLoaded()', () => {
  const candidate = (name: string, load: number) => ({ name, load: () => load });

  it('takes the lowest load', () => {
    const candidates = [candidate('a', 0.5), candidate('b', 0.25), candidate('c', 1)];
    expect(leastLoaded(candidates, () => 0)?.name).to.equal('b');
  });

  it('takes any of those that are equal', () => {
    const candidates = [candidate('x', 2), ...['a', 'b', 'c', 'd'].map((name) => candidate(name, 1))];
    const taken = [0, 0.25, 0.5, 0.999].map((random) => leastLoaded(candidates, () => random)?.name);
    expect(taken).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('takes none of none', () => {
    const none: { load(): number }[] = [];
    expect(leastLoaded(none, () => 0.5)).to.equal(undefined);
  });
});
