import { expect } from 'chai';
import { BenchProxy } from './bench-proxy.js';
import { passHistory } from './life-history.js';
import { LifeLoad } from './life-load.js';

describe('bench', function () {
  this.timeout(30_000);
  let proxy: BenchProxy;

  before(async () => {
    proxy = await BenchProxy.start();
  });
  after(() => proxy.dispose());

  it('counts lives, and only those of a history that holds', async () => {
    const load = new LifeLoad(proxy.channel, {
      submitBatch: 16,
      submitCalls: 2,
      settleBatch: 16,
      settleCalls: 2,
      maxInFlight: 64,
      open: 128,
    });
    await load.open();
    await load.saturate(300);
    await load.drain();
    expect(load.settled).to.be.above(0);
    const times = await load.pace(160, 100);
    load.close();
    expect(times).to.have.length(16);
    expect(times.every((time) => time > 0)).to.equal(true);
    const { history, events } = await passHistory(proxy, load);
    expect(history).to.equal('ok');
    expect(events).to.equal(3 * load.settled);

    load.log.submits.push({ startMs: 1, endMs: 2, firstSerial: 1_000_000, ids: ['lost'] });
    const broken = await passHistory(proxy, load).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(broken).to.include('BenchViolation').and.include('I1');
  });
});
