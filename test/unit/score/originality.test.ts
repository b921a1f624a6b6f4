import { expect } from 'chai';
import { bytesPrint, textPrint } from '../../../src/domain/score/answer-print.js';
import { lower } from '../../../src/domain/score/lower.js';
import { originalityOf } from '../../../src/domain/score/originality.js';
import { part } from '../../../src/domain/score/part.js';
import { POLICY } from '../../../src/domain/score/policy.js';
import type { Score } from '../../../src/domain/task.js';

const SOURCE = [
  'The harbour of the town was built in 1872 by fishermen from the northern islands.',
  'For fifty years the fishing fleet brought herring, cod and salt to the markets of the coast.',
  'A storm destroyed the outer wall in 1921, and the town rebuilt the harbour with stone from the quarry.',
  'Today the harbour serves ferries, and the old fishing fleet has become a museum that visitors love.',
];
const SUMMARY = `${SOURCE[1] ?? ''} ${SOURCE[3] ?? ''}`;

const summaries = (texts: readonly string[], source = SOURCE.join(' ')) =>
  originalityOf(
    { kind: 'summarization', language: 'en', text: source },
    texts.map((text) => ({ text, print: textPrint(text, 'en') })),
    POLICY,
  ).map((findings) => findings.map(({ name, value }) => [name, value]));

describe('originalityOf()', () => {
  describe('of summaries', () => {
    it('finds nothing against different ones', () => {
      expect(summaries([SUMMARY, `${SOURCE[0] ?? ''} ${SOURCE[2] ?? ''}`])).to.deep.equal([[], []]);
    });

    it('gives half to each later one of the same, whatever its case and punctuation', () => {
      const copy = SUMMARY.toUpperCase().replaceAll('.', '!');
      expect(summaries([SUMMARY, copy, SOURCE[0] ?? '', SUMMARY])).to.deep.equal([
        [],
        [['copy', 0.5]],
        [],
        [['copy', 0.5]],
      ]);
    });

    it('finds the source given back, whole or with words around it', () => {
      expect(summaries([SOURCE.join('\n')])).to.deep.equal([[['echo', 0]]]);
      const padded = `Here is the summary you asked for. ${SOURCE.join(' ')} That was all there is to say about it.`;
      expect(summaries([padded])).to.deep.equal([[['echo', 0]]]);
      const most = SOURCE.join(' ').split(' ').slice(0, -6).join(' ');
      expect(summaries([most])[0]?.[0]?.[1]).to.be.within(0.05, 0.95);
    });

    it('finds one without words', () => {
      expect(summaries(['—', SUMMARY])).to.deep.equal([[['empty', 0]], []]);
    });

    it('finds nothing against short sources given back by all', () => {
      const short = 'The harbour was built in 1872.';
      expect(summaries([short, short], short)).to.deep.equal([[], []]);
    });
  });

  describe('of speech', () => {
    const spoken = (outputs: readonly Uint8Array[], text: string) =>
      originalityOf(
        { kind: 'tts', language: 'en', text },
        outputs.map((output) => ({
          ...(output[0] === 0x48 ? { text: Buffer.from(output).toString() } : {}),
          print: bytesPrint(output),
        })),
        POLICY,
      ).map((findings) => findings.map(({ name, value }) => [name, value]));

    it('gives half to each later one of the same bytes', () => {
      const [one, other] = [Buffer.from([1, 2, 3]), Buffer.from([1, 2, 4])];
      expect(spoken([one, other, one], 'Hello world')).to.deep.equal([[], [], [['copy', 0.5]]]);
    });

    it('finds the text itself in place of speech', () => {
      expect(spoken([Buffer.from('Hello, World')], 'Hello world')).to.deep.equal([[['echo', 0]]]);
    });
  });
});

describe('lower()', () => {
  const score: Score = {
    accuracy: 0.8,
    speed: 0.5,
    combined: 0.71,
    parts: [part('agreement', 0.8, 'It agrees.')],
    policyVersion: '1',
    policyHash: 'f'.repeat(64),
  };

  it('takes the product of the findings from accuracy and the whole, not from the measured speed', () => {
    const findings = [part('copy', 0.5, 'It came later.'), part('echo', 0.5, 'It is the input.')];
    const lowered = lower(score, findings);
    expect(lowered.accuracy).to.be.closeTo(0.2, 1e-12);
    expect(lowered.combined).to.be.closeTo(0.1775, 1e-12);
    expect(lowered.speed).to.equal(0.5);
    expect(lowered.parts.map(({ name }) => name)).to.deep.equal(['agreement', 'copy', 'echo']);
  });

  it('leaves a score without findings and an unset accuracy as they are', () => {
    expect(lower(score, [])).to.equal(score);
    const { accuracy: _, ...unset } = score;
    expect(lower(unset, [part('copy', 0, 'It came later.')])).not.to.have.property('accuracy');
  });
});
