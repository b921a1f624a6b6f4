import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { canonicalJson, POLICY, policyOf } from '../../../src/domain/score/policy.js';

describe('POLICY', () => {
  it('is hashed over its canonical JSON', () => {
    const { hash, ...numbers } = POLICY;
    expect(hash).to.equal(createHash('sha256').update(canonicalJson(numbers)).digest('hex'));
    expect(canonicalJson({ b: [1, { d: 2, c: null }], a: 'x' })).to.equal(
      '{"a":"x","b":[1,{"c":null,"d":2}]}',
    );
  });

  it('has another hash when one number differs', () => {
    const { hash, ...numbers } = POLICY;
    expect(policyOf({ ...numbers, speed: { ...numbers.speed, baseSeconds: 11 } }).hash).not.to.equal(hash);
    expect(policyOf(numbers).hash).to.equal(hash);
  });

  it('weighs accuracy and speed to 1', () => {
    expect(POLICY.weights.accuracy + POLICY.weights.speed).to.equal(1);
  });
});
