import { expect } from 'chai';
import { Slots } from '../../../../src/engines/critic/slots.js';

describe('Slots', () => {
  const { signal } = new AbortController();

  it('gives the slot of one that gave up in the line to the next', async () => {
    const slots = new Slots(1);
    let release = (): void => undefined;
    const first = slots.run(signal, () => new Promise<void>((resolve) => (release = resolve)));
    const controller = new AbortController();
    const second = slots
      .run(controller.signal, () => Promise.resolve('second'))
      .catch((error: unknown) => error);
    const third = slots.run(signal, () => Promise.resolve('third'));
    const reason = new Error('gave up');
    controller.abort(reason);
    expect(await second).to.equal(reason);
    release();
    await first;
    expect(await third).to.equal('third');
    expect(await slots.run(signal, () => Promise.resolve('fourth'))).to.equal('fourth');
  });

  it('is free again after work that failed', async () => {
    const slots = new Slots(1);
    const failed = await slots
      .run(signal, () => Promise.reject(new Error('no')))
      .catch((error: unknown) => error);
    expect(failed).to.have.property('message', 'no');
    expect(await slots.run(signal, () => Promise.resolve('next'))).to.equal('next');
  });

  it('lets none in that gave up before', async () => {
    const given = await new Slots(1)
      .run(AbortSignal.abort('late'), () => Promise.resolve('in'))
      .catch((error: unknown) => error);
    expect(given).to.equal('late');
  });
});
