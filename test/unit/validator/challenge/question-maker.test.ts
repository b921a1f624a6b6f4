import { expect } from 'chai';
import { POLICY } from '../../../../src/domain/score/policy.js';
import { findEngines } from '../../../../src/engines/catalog.js';
import { decodeAudio } from '../../../../src/engines/audio/decode.js';
import { isSilent } from '../../../../src/engines/audio/signal.js';
import { encodeWav } from '../../../../src/engines/audio/wav.js';
import { secretRandom } from '../../../../src/runtime/secret-random.js';
import { QuestionMaker } from '../../../../src/validator/challenge/question-maker.js';
import { shapeOf } from '../../../../src/validator/challenge/shape.js';

const { signal } = new AbortController();
const shape = (seconds: number, sampleRateHz: number, language = 'en') =>
  shapeOf(
    { kind: 'transcription', language, maxRunMs: 1000 },
    encodeWav({ sampleRateHz, channels: [new Float32Array(seconds * sampleRateHz)] }),
  );

describe('QuestionMaker', () => {
  const open = async () => {
    const maker = new QuestionMaker({ findEngines, policy: POLICY, secret: secretRandom });
    await maker.prepare();
    return maker;
  };

  it('speaks a text into a recording of the length and form that is wanted, in a process of its own', async function () {
    this.timeout(30_000);
    const maker = await open();
    if (!maker.canMake(shape(5, 16_000))) this.skip();
    const wanted = shape(5, 44_100);
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 5);
    const made = await Promise.all([1, 2].map(() => maker.make(wanted, signal)));
    clearInterval(ticking);
    expect(turns).to.be.above(20);
    const [first, second] = made;
    expect(first?.truth?.kind).to.equal('transcript');
    expect(first?.truth).to.not.deep.equal(second?.truth);
    expect(first?.input).to.have.length(wanted.inputBytes);
    const pcm = await decodeAudio(first?.input ?? Buffer.alloc(0), signal);
    expect([pcm.sampleRateHz, pcm.channels.length]).to.deep.equal([44_100, 1]);
    expect(isSilent(pcm)).to.equal(false);
    expect(first?.input).to.not.deep.equal(second?.input);
  });

  it('writes texts with facts to be summarized, and texts to be read aloud', async () => {
    const maker = await open();
    const text = await maker.make(
      { kind: 'summarization', language: 'en', maxRunMs: 1, inputBytes: 1_000, maxSentences: 2 },
      signal,
    );
    expect(text?.truth?.kind).to.equal('facts');
    expect(text?.input.byteLength).to.be.within(900, 1_100);
    const spoken = await maker.make({ kind: 'tts', language: 'de', maxRunMs: 1, inputBytes: 80 }, signal);
    expect(spoken?.truth).to.equal(undefined);
    expect(spoken?.input.byteLength).to.be.within(60, 100);
  });

  it('makes nothing in languages that it cannot write, of containers that it cannot, nor too long or short', async () => {
    const maker = await open();
    const mp3 = shapeOf({ kind: 'transcription', language: 'en', maxRunMs: 1 }, Buffer.alloc(9_000, 255));
    for (const beyond of [shape(5, 16_000, 'ja'), mp3, shape(300, 16_000), shape(0.2, 16_000)])
      expect(maker.canMake(beyond)).to.equal(false);
  });
});
