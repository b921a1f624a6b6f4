import { expect } from 'chai';
import { Patience } from '../../src/client/patience.js';
import { Refusal } from '../../src/domain/errors.js';
import { ManualClock } from '../unit/validator/manual-clock.js';
import { refused } from '../support/refused.js';

const GONE = new Refusal('UNAVAILABLE', 'nobody there');

describe('Patience', () => {
  let clock: ManualClock;
  let contact: { made: boolean };
  let abort: AbortController;
  const patience = () => new Patience({ clock, contact, random: () => 1 }, abort.signal, ['UPLOAD_STALLED']);

  beforeEach(() => {
    clock = new ManualClock();
    contact = { made: false };
    abort = new AbortController();
  });

  /** Moves time until the promise is over. @returns milliseconds that took */
  const timed = async (promise: Promise<unknown>): Promise<number> => {
    const over = new AbortController();
    const end = () => {
      over.abort();
    };
    promise.then(end, end);
    const start = clock.now();
    while (!over.signal.aborted && clock.now() - start < 200_000) await clock.advance(100);
    return clock.now() - start;
  };

  it('gives a server up that never answered after 3 s, and one that did after a minute', async () => {
    const first = patience().repeat(() => Promise.reject(GONE));
    expect(await timed(first)).to.be.within(1_000, 3_100);
    expect((await refused(first)).reason).to.equal('UNAVAILABLE');
    contact.made = true;
    const second = patience().repeat(() => Promise.reject(GONE));
    expect(await timed(second)).to.be.within(50_000, 60_100);
    await refused(second);
  });

  it('goes on for as long as something moves', async () => {
    const moving = patience();
    let failures = 0;
    const action = async () => {
      for (; failures < 100; failures += 1) {
        moving.renew();
        await moving.afterFailure(GONE);
      }
    };
    expect(await timed(action())).to.be.above(5_000);
    expect(failures).to.equal(100);
  });

  it('comes again when it was told to', async () => {
    let calls = 0;
    const busy = new Refusal('UNAVAILABLE', 'busy', { retryAfterMs: 30_000 });
    const repeated = patience().repeat(() =>
      calls++ === 0 ? Promise.reject(busy) : Promise.resolve('done'),
    );
    expect(await timed(repeated)).to.be.within(30_000, 30_200);
    expect(await repeated).to.equal('done');
  });

  it('repeats nothing that the contract does not call passing', async () => {
    for (const reason of ['QUEUE_FULL', 'DISK_LOW', 'INTERNAL', 'DEADLINE_EXCEEDED', 'LEASE_LOST'] as const) {
      let calls = 0;
      const action = () => {
        calls += 1;
        return Promise.reject(new Refusal(reason, 'no'));
      };
      expect((await refused(patience().repeat(action))).reason).to.equal(reason);
      expect(calls, reason).to.equal(1);
    }
  });

  it('ends with its signal', async () => {
    const waiting = refused(patience().repeat(() => Promise.reject(GONE)));
    await clock.advance(10);
    abort.abort();
    expect((await waiting).reason).to.equal('CANCELLED');
    expect(clock.waiting).to.equal(0);
  });
});
