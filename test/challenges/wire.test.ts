import { expect } from 'chai';
import { classify, MAX_ACCURACY } from './classify.js';
import { CALLS, COMMANDS, DICTATION, NEWS, READER, STUDIO } from './populations.js';

describe('own questions among those of users', () => {
  const mixes = {
    'dictation, in pieces of tenths of a second': { hours: 24, populations: [DICTATION] },
    'commands at two sample rates': { hours: 48, populations: [COMMANDS] },
    'telephone calls': { hours: 36, populations: [CALLS] },
    'recordings in stereo': { hours: 72, populations: [STUDIO] },
    'sentences to be read aloud': { hours: 48, populations: [READER] },
    'articles in three languages': { hours: 48, populations: [NEWS] },
    'all of these': { hours: 12, populations: [DICTATION, COMMANDS, CALLS, STUDIO, READER, NEWS] },
  };
  for (const [name, mix] of Object.entries(mixes)) {
    it(`are not told from ${name}`, async function () {
      this.timeout(600_000);
      const { line, means } = await classify(mix, [1, 2, 3]);
      process.stdout.write(`      ${name}: ${line}\n`);
      for (const accuracy of Object.values(means)) expect(accuracy).to.be.at.most(MAX_ACCURACY);
    });
  }
});
