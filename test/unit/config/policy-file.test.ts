import { expect } from 'chai';
import { ConfigError } from '../../../src/config/config-error.js';
import { parsePolicy, policyText } from '../../../src/config/policy-file.js';
import { POLICY } from '../../../src/domain/score/policy.js';

type Json = Record<string, unknown>;

/** The built-in policy under a version of its own, with one value put in the place of another. */
const changed = (path: string, value: unknown): string => {
  const policy = JSON.parse(policyText(POLICY)) as Json;
  policy['version'] = 'mine';
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const place = keys.reduce<Json>((inner, key) => inner[key] as Json, policy);
  place[last] = value;
  return JSON.stringify(policy);
};
const complaint = (text: string): string => {
  try {
    parsePolicy(text, '--scoring.policy p.json');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
};

describe('parsePolicy()', () => {
  it('takes what policyText() wrote, with the same hash', () => {
    expect(parsePolicy(policyText(POLICY), 'x')).to.deep.equal(POLICY);
  });

  it('takes other numbers under a version of their own, with another hash', () => {
    const policy = parsePolicy(changed('speed.baseSeconds', 5), 'x');
    expect(policy.speed).to.deep.include({ baseSeconds: 5, firstByteShare: POLICY.speed.firstByteShare });
    expect(policy.version).to.equal('mine');
    expect(policy.hash)
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.equal(POLICY.hash);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['text that is no JSON', '{', /is not JSON/],
    ['something else', '[]', /expected object/],
    ['nothing in it', '{}', /version: /],
    ['a number that is missing', changed('speed', {}), /speed\.baseSeconds: .*received undefined/],
    ['a key that it does not know', changed('speed.x', 1), /speed: .*"x"/],
    ['a text for a number', changed('speed.baseSeconds', '10'), /speed\.baseSeconds: .*expected number/],
    ['no number', changed('speed.baseSeconds', null), /speed\.baseSeconds: .*expected number/],
    ['a scale of 0', changed('speed.baseSeconds', 0), /speed\.baseSeconds: .*>0/],
    ['a negative number', changed('speed.secondsPerCharacter', -1), /secondsPerCharacter: .*>=0/],
    ['a share above 1', changed('speed.firstByteShare', 1.1), /firstByteShare: .*<=1/],
    ['a round trip above a second', changed('speed.maxNetworkMs', 1001), /maxNetworkMs: .*<=1000/],
    ['weights above 1', changed('weights.speed', 2), /weights\.speed: .*<=1/],
    ['weights that do not sum to 1', changed('weights.speed', 0.4), /weights: .*must sum to 1/],
    [
      'a reliability that is sure',
      changed('transcription.agreement.maxReliability', 1),
      /maxReliability: .*<1/,
    ],
    ['half a word', changed('transcription.loops.minRepeats', 0.5), /minRepeats: /],
    ['credit for copies above the whole', changed('copies.laterValue', 2), /laterValue: .*<=1/],
    ['an empty version', changed('version', ''), /version: /],
    ['a version too long to be shown', changed('version', 'v'.repeat(65)), /version: /],
    [
      'other numbers under the same version',
      changed('speed.baseSeconds', 5).replace('"mine"', JSON.stringify(POLICY.version)),
      /a version of its own/,
    ],
  ];
  for (const [name, text, line] of refused) {
    it(`refuses ${name} in one line`, () => {
      expect(complaint(text))
        .to.match(line)
        .and.match(/^--scoring\.policy p\.json: [^\n]+$/);
    });
  }

  it('refuses infinity, which JSON can spell as a large number', () => {
    const text = changed('speed.baseSeconds', 1).replace('"baseSeconds":1', '"baseSeconds":1e999');
    expect(complaint(text)).to.match(/baseSeconds/);
  });
});
