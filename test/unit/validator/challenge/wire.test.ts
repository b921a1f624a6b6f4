import { expect } from 'chai';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import type { Work } from '../../../../src/validator/round.js';
import { classify, MAX_ACCURACY } from '../../../challenges/classify.js';
import { COMMANDS, NEWS, READER } from '../../../challenges/populations.js';

/** Found more often than this, a tell is found. */
const FOUND = 0.6;

describe('what a miner sees of own questions', () => {
  const populations = [COMMANDS, NEWS, READER];

  it('is not told from what it sees of users by three classifiers', async function () {
    this.timeout(60_000);
    const { line, means } = await classify({ populations, hours: 8 }, [1, 2]);
    process.stdout.write(`      ${line}\n`);
    for (const accuracy of Object.values(means)) expect(accuracy).to.be.at.most(MAX_ACCURACY);
  });

  const tells: Readonly<Record<string, (work: Work) => Work>> = {
    'another deadline': (work) => ({ ...work, task: { ...work.task, maxRunMs: 45_000 } }),
    'one sample rate': (work) => ({
      ...work,
      input:
        work.task.kind === 'transcription'
          ? encodeWav({ sampleRateHz: 16_000, channels: [new Float32Array(work.input.length / 2)] })
          : work.input,
    }),
    'no voice and no number of sentences': ({ task: { kind, language, maxRunMs }, ...work }) => ({
      ...work,
      task: { kind, language, maxRunMs },
    }),
  };
  for (const [name, tell] of Object.entries(tells)) {
    it(`would be told by ${name}`, async () => {
      const told = name === 'one sample rate' ? [COMMANDS] : populations.slice(1);
      const { line, means } = await classify({ populations: told, hours: 6, tell }, [1]);
      process.stdout.write(`      ${line}\n`);
      expect(Math.max(...Object.values(means))).to.be.above(FOUND);
    });
  }
});
