import { expect } from 'chai';
import { Turns } from '../../../src/runtime/turns.js';

describe('Turns', () => {
  it('gives each caller a turn of its own, in the order in which they came', async () => {
    const turns = new Turns();
    let turn = 0;
    let over = false;
    const count = (): void => {
      turn += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const seen = await Promise.all([1, 2, 3, 4].map((place) => turns.next().then(() => ({ place, turn }))));
    over = true;
    expect(seen.map(({ place }) => place)).to.deep.equal([1, 2, 3, 4]);
    expect(new Set(seen.map((each) => each.turn)).size).to.equal(4);
  });
});
