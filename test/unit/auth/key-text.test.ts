import { expect } from 'chai';
import { formOfKey, isKeyId, KEY_PREFIX, newKeyId, newKeyText } from '../../../src/auth/key-text.js';

describe('the text of an API key', () => {
  it('begins with the prefix and the id, in letters, digits and underscores alone', () => {
    const id = newKeyId();
    const text = newKeyText(id);
    expect(isKeyId(id)).to.equal(true);
    expect(text).to.match(/^asub_[0-9A-Za-z]{10}_[0-9A-Za-z]{49}$/);
    expect(text.startsWith(`${KEY_PREFIX}${id}_`)).to.equal(true);
    expect(formOfKey(text)).to.equal('key');
  });

  it('is another one each time, in which every digit is as likely', () => {
    const texts = Array.from({ length: 2_000 }, () => newKeyText('0123456789'));
    expect(new Set(texts).size).to.equal(texts.length);
    const counts = new Map<string, number>();
    for (const text of texts)
      for (const digit of text.slice(16, 59)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    expect(counts.size).to.equal(62);
    // 86,000 digits, 1,387 of each expected: six standard deviations are 222.
    for (const count of counts.values()) expect(count).to.be.within(1_387 - 222, 1_387 + 222);
  });

  it('tells one that was mistyped from one that is not ours', () => {
    const text = newKeyText(newKeyId());
    for (let place = KEY_PREFIX.length; place < text.length; place += 1) {
      const other = text.charAt(place) === 'x' ? 'y' : 'x';
      const mistyped = text.slice(0, place) + other + text.slice(place + 1);
      expect(formOfKey(mistyped), mistyped).to.equal('mistyped');
    }
    expect(formOfKey(text.slice(0, -1))).to.equal('mistyped');
    expect(formOfKey(`${text}0`)).to.equal('mistyped');
    expect(formOfKey('asub_')).to.equal('mistyped');
    expect(formOfKey('sk-proj-0123')).to.equal('foreign');
    expect(formOfKey('')).to.equal('foreign');
  });
});
