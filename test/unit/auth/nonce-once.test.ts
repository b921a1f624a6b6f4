import { expect } from 'chai';
import { CLOCK_TOLERANCE_MS, MAX_AGE_FOR_TIMEOUT_MS, NeuronGate } from '../../../src/auth/neuron-gate.js';
import { hotkeyFromSeed } from '../../../src/wallet/hotkey.js';
import { sign, signaturesReady } from '../../../src/wallet/sign.js';
import { refused } from '../../support/refused.js';
import { ManualClock } from '../validator/manual-clock.js';

describe('a nonce as far ahead as is taken', () => {
  it('is taken once, also on the last millisecond of its time', async () => {
    await signaturesReady();
    const pair = await hotkeyFromSeed(new Uint8Array(32).fill(1));
    const clock = new ManualClock();
    const rules = { forceValidatorPermit: false, minStake: 0, allow: [pair.address], deny: [] };
    const gate = new NeuronGate({ rules, network: { current: () => undefined }, clock });
    const message = Buffer.from('what is asked');
    const claim = {
      hotkey: pair.address,
      uuid: 'u',
      nonceNs: BigInt(clock.wall() + CLOCK_TOLERANCE_MS) * 1_000_000n,
      timeoutMs: MAX_AGE_FOR_TIMEOUT_MS,
      message,
      signature: sign(pair, message),
    };
    gate.admit(claim);
    const lifeMs = 2 * CLOCK_TOLERANCE_MS + MAX_AGE_FOR_TIMEOUT_MS;
    for (const afterMs of [0, lifeMs - 1, lifeMs, lifeMs + 1]) {
      await clock.advance(afterMs - clock.now());
      const { reason } = await refused(Promise.resolve().then(() => gate.admit(claim)));
      expect(reason, `after ${afterMs} ms`).to.equal('UNAUTHENTICATED');
    }
  });
});
