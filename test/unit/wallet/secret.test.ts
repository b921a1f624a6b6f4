import { expect } from 'chai';
import { importHotkey } from '../../../src/wallet/secret.js';
import { rejection } from '../validator/rejection.js';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const SEED = 'e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a';
const WORDS = 'test test test test test test test test test test test junk'.split(' ');

describe('importHotkey()', () => {
  it('takes a seed with and without 0x, with white space around it', async () => {
    for (const text of [SEED, `0x${SEED}`, `  0X${SEED.toUpperCase()}\r\n`])
      expect((await importHotkey(text)).address).to.equal(ALICE);
  });

  it('takes a phrase with any white space between its words, and keeps it plain', async () => {
    const pair = await importHotkey(`\n${WORDS.join('\n ')}\n`);
    expect(pair.address).to.equal('5GmS1wtCfR4tK5SSgnZbVT4kYw5W8NmxmijcsxCQE6oLW6A8');
    expect(pair.secrets().phrase).to.equal(WORDS.join(' '));
  });

  for (const text of [
    '',
    'secretword',
    'secretword two three',
    SEED.slice(1),
    `${SEED}0`,
    `0x${'z'.repeat(64)}`,
  ])
    it(`refuses "${text}" and does not repeat it`, async () => {
      const error = await rejection(importHotkey(text));
      expect(error.reason).to.equal('INVALID_FIELD');
      expect(error.message)
        .to.match(/^the secret is no valid phrase/)
        .and.not.include('secretword');
    });
});
