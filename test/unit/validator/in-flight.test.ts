import { expect } from 'chai';
import { InFlight } from '../../../src/validator/in-flight.js';
import { fedTask } from './fake-feed.js';
import { fakeMiner, hangs, replies } from './fake-miners.js';
import { settle } from './manual-clock.js';
import { working } from './working.js';

describe('InFlight', () => {
  it('gives a stranger eight questions at a time, one more for each reply, half after a failure', () => {
    const inFlight = new InFlight();
    expect(inFlight.room('a')).to.equal(8);
    const ends = Array.from({ length: 8 }, () => inFlight.begin('a'));
    expect(inFlight.room('a')).to.equal(0);
    ends[0]?.('reply');
    expect([inFlight.open('a'), inFlight.room('a')]).to.deep.equal([7, 2]);
    ends[1]?.('failure');
    expect(inFlight.room('a')).to.equal(4 - 6);
    ends[2]?.('neither');
    expect(inFlight.room('a')).to.equal(4 - 5);
  });

  it('never takes the last question from a miner, and forgets one that left when nothing is open', () => {
    const inFlight = new InFlight();
    for (let failures = 0; failures < 20; failures += 1) inFlight.begin('a')('failure');
    expect(inFlight.room('a')).to.equal(1);
    const end = inFlight.begin('a');
    inFlight.keepOnly(new Set());
    expect(inFlight.room('a')).to.equal(0);
    end('neither');
    inFlight.keepOnly(new Set());
    expect(inFlight.room('a')).to.equal(8);
  });
});

describe('a miner that hoards', () => {
  it('has as many tasks as it may, whatever slots it says it has; the next waits until one ends', async () => {
    const hoarder = fakeMiner('a', hangs);
    const { run, clock } = await working([hoarder]);
    for (let task = 0; task < 12; task += 1) void run(fedTask()).catch(() => undefined);
    await settle();
    expect(hoarder.asked).to.have.length(8);
    hoarder.answer = replies('x');
    await clock.advance(3_000);
    expect(hoarder.asked).to.have.length(8);
  });

  it('is asked last while it has no free slot by the count of the validator', async () => {
    const slow = fakeMiner('a', hangs);
    const other = fakeMiner('b', replies('Long text to summarize...'));
    const { run } = await working([slow, other], { minersPerTask: 1 });
    // Each says that it has two free slots, and is not pinged again in between.
    for (let task = 0; task < 24; task += 1) {
      void run(fedTask()).catch(() => undefined);
      await settle();
    }
    expect(slow.asked).to.have.length(2);
    expect(other.asked).to.have.length(22);
  });

  it('lets a task end in a failure that is tried again when its time is over', async () => {
    const hoarder = fakeMiner('a', hangs);
    const { run, clock } = await working([hoarder]);
    for (let task = 0; task < 8; task += 1) void run(fedTask()).catch(() => undefined);
    await settle();
    const late = run(fedTask('summarization', { maxRunMs: 20_000 }));
    await clock.advance(20_000);
    const { outcome } = await late;
    expect(outcome).to.deep.include({ kind: 'failed', retryable: true });
  });
});
