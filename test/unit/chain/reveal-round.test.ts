import { expect } from 'chai';
import {
  firstRevealBlock,
  revealRound,
  roundAt,
  type RevealMoment,
} from '../../../src/chain/reveal-round.js';

/** Subnet 49 with epochs of 100 blocks: those begin at blocks 50, 150, 250. */
const MOMENT: RevealMoment = {
  block: 60,
  blockTimeMs: Date.UTC(2026, 0, 1),
  netuid: 49,
  tempo: 99,
  revealPeriod: 1,
  lastStoredRound: 0,
};

describe('the first block that reveals a commit', () => {
  const table: readonly (readonly [string, Partial<RevealMoment>, number])[] = [
    ['in the middle of an epoch', {}, 150],
    ['two epochs later where the subnet waits two', { revealPeriod: 2 }, 250],
    ['in the last block of an epoch but one, the commit lands in its last', { block: 148 }, 150],
    ['in the last block of an epoch, the commit lands in the next', { block: 149 }, 250],
    ['in the first block of an epoch', { block: 150 }, 250],
    ['in the first epoch of all', { block: 0 }, 50],
    ['with the shortest tempo', { tempo: 0, block: 60 }, 62],
    ['where the runtime says when the next epoch begins', { nextEpochStart: 77 }, 77],
    ['where it says so and the subnet waits two', { nextEpochStart: 77, revealPeriod: 2 }, 177],
    ['where the next block begins an epoch', { nextEpochStart: 61 }, 161],
    ['where the runtime says what has passed', { nextEpochStart: 60 }, 150],
  ];
  for (const [name, change, block] of table)
    it(`${name} is ${block}`, () => {
      expect(firstRevealBlock({ ...MOMENT, ...change })).to.equal(block);
    });
});

describe('the round weights are encrypted to', () => {
  it('is that of the reveal less 24', () => {
    // 90 blocks of 12 s are 360 rounds of 3 s.
    expect(revealRound(MOMENT)).to.equal(roundAt(MOMENT.blockTimeMs) + 360 - 24);
  });

  it('is out before the block that reveals, and not long before', () => {
    for (let block = 50; block < 145; block += 1) {
      const blockTimeMs = MOMENT.blockTimeMs + block * 12_000;
      const revealMs = blockTimeMs + (firstRevealBlock({ ...MOMENT, block }) - block) * 12_000;
      const round = revealRound({ ...MOMENT, block, blockTimeMs });
      const outMs = (1_692_803_367 + (round - 1) * 3) * 1000;
      expect(revealMs - outMs).to.be.within(72_000, 75_000);
    }
  });

  it('stays ahead of the rounds that the chain has where the reveal is near', () => {
    expect(revealRound({ ...MOMENT, block: 148, lastStoredRound: 30_000_000 })).to.equal(30_000_012);
  });

  it('counts rounds from 1 at the genesis', () => {
    expect(roundAt(1_692_803_367_000)).to.equal(1);
    expect(roundAt(1_692_803_366_999)).to.equal(0);
    expect(roundAt(1_692_803_369_999)).to.equal(1);
    expect(roundAt(1_692_803_370_000)).to.equal(2);
  });
});
