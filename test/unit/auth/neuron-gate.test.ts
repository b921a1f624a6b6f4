import { expect } from 'chai';
import { claimOf, signCall } from '../../../src/auth/call-signature.js';
import type { CallerRules } from '../../../src/auth/caller-rules.js';
import { NeuronGate } from '../../../src/auth/neuron-gate.js';
import type { Refusal } from '../../../src/domain/errors.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../../src/wallet/hotkey.js';
import { sign, signaturesReady } from '../../../src/wallet/sign.js';
import { networkOf, OPEN_RULES, seedOf } from '../../support/classic-axon.js';
import { ManualClock } from '../validator/manual-clock.js';

const NOW = 1_700_000_000_000;

describe('NeuronGate', () => {
  let pair: HotkeyPair;
  const clock = new ManualClock();
  clock.wall = () => NOW;
  before(async () => {
    await signaturesReady();
    pair = await hotkeyFromSeed(seedOf(1));
  });

  const gateOf = (rules: Partial<CallerRules> = {}, neuron = { stake: 10, validatorPermit: true }) =>
    new NeuronGate({
      rules: { ...OPEN_RULES, ...rules },
      network: networkOf({ uid: 0, hotkey: pair.address, ...neuron }),
      clock,
    });
  const claim = (offsetMs = 0, timeoutMs = 0) => {
    const message = Buffer.from(`message ${offsetMs}`);
    const nonceNs = BigInt(NOW + offsetMs) * 1_000_000n;
    return {
      hotkey: pair.address as string,
      uuid: 'u',
      nonceNs,
      timeoutMs,
      message,
      signature: sign(pair, message),
    };
  };
  const reason = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      return (error as Refusal).reason;
    }
    return 'admitted';
  };

  it('admits a signed call of now with its stake', () => {
    expect(gateOf().admit(claim())).to.deep.equal({ hotkey: pair.address, stake: 10 });
  });

  it('takes nonces from 4 s and the capped timeout ago to 4 s ahead', () => {
    const at = (offsetMs: number, timeoutMs = 0) => reason(() => gateOf().admit(claim(offsetMs, timeoutMs)));
    expect([at(-4_000), at(4_000), at(-16_000, 12_000), at(-64_000, 1e9)]).to.deep.equal(
      Array(4).fill('admitted'),
    );
    expect([at(-4_001), at(4_001), at(-16_001, 12_000), at(-64_001, 1e9)]).to.deep.equal(
      Array(4).fill('UNAUTHENTICATED'),
    );
  });

  it('refuses a repetition, another signer and what is no address', () => {
    const gate = gateOf();
    gate.admit(claim());
    expect(reason(() => gate.admit(claim()))).to.equal('UNAUTHENTICATED');
    const forged = { ...claim(1), message: Buffer.from('other') };
    expect(reason(() => gate.admit(forged))).to.equal('UNAUTHENTICATED');
    expect(reason(() => gate.admit({ ...claim(2), hotkey: 'nobody' }))).to.equal('UNAUTHENTICATED');
    expect(reason(() => gate.admit({ ...claim(3), signature: new Uint8Array(63) }))).to.equal(
      'UNAUTHENTICATED',
    );
  });

  it('does not let a forged call use up the nonce', () => {
    const gate = gateOf();
    expect(reason(() => gate.admit({ ...claim(1), message: Buffer.from('x') }))).to.equal('UNAUTHENTICATED');
    expect(reason(() => gate.admit(claim()))).to.equal('admitted');
  });

  it('lets in by permit, stake and lists', () => {
    const judged = (rules: Partial<CallerRules>, neuron?: { stake: number; validatorPermit: boolean }) =>
      reason(() => gateOf(rules, neuron).admit(claim()));
    const miner = { stake: 10, validatorPermit: false };
    expect(judged({}, miner)).to.equal('PERMISSION_DENIED');
    expect(judged({ forceValidatorPermit: false }, miner)).to.equal('admitted');
    expect(judged({ minStake: 11 })).to.equal('PERMISSION_DENIED');
    expect(judged({ minStake: 10 })).to.equal('admitted');
    expect(judged({ minStake: 11, allow: [pair.address] }, miner)).to.equal('admitted');
    expect(judged({ allow: [pair.address], deny: [pair.address] })).to.equal('PERMISSION_DENIED');
    const empty = new NeuronGate({ rules: OPEN_RULES, network: networkOf(), clock });
    expect(reason(() => empty.admit(claim()))).to.equal('PERMISSION_DENIED');
  });

  it('reads the tuple of a gRPC call, for one method, request and neuron alone', () => {
    const signer = { hotkey: pair.address, sign: (message: Uint8Array) => sign(pair, message) };
    const subject = { method: '/s/M', digest: 'd' };
    const self = 'me' as Hotkey;
    const metadata = signCall(signer, { ...subject, signedFor: self, nowMs: NOW });
    const value = (key: string) => metadata[key];
    expect(reason(() => gateOf().admit(claimOf(value, subject, self)))).to.equal('admitted');
    for (const other of [
      { ...subject, method: '/s/N' },
      { ...subject, digest: 'e' },
    ])
      expect(reason(() => gateOf().admit(claimOf(value, other, self)))).to.equal('UNAUTHENTICATED');
    expect(reason(() => claimOf(value, subject, 'you' as Hotkey))).to.equal('UNAUTHENTICATED');
    for (const key of Object.keys(metadata))
      expect(reason(() => claimOf((k) => (k === key ? undefined : metadata[k]), subject, self))).to.equal(
        'UNAUTHENTICATED',
      );
  });
});
